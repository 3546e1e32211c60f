import { AWS_MANAGED_POLICIES, contextOf, defaultDocument, evaluate, readPolicy, type NamedPolicy } from "@slash28/iam";
import type { SeenRole } from "./aws-objects.ts";
import type { ClusterView } from "./cluster-view.ts";

/** Where the agent has its permissions from. */
export type AgentIdentity =
  /** A role of its service account, by IRSA or Pod Identity. */
  | { readonly kind: "own-role"; readonly role?: string }
  /** The nodes' role. */
  | { readonly kind: "node-role" };

const AGENT = "aws-node";

/** `undefined`: the snapshot does not tell. */
export function agentIdentityOf({ snapshot }: ClusterView): AgentIdentity | undefined {
  const addon = snapshot.addons?.find(({ name }) => name === "vpc-cni");
  const account = snapshot.serviceAccounts?.find(({ namespace, name }) => namespace === "kube-system" && name === AGENT);
  const association = snapshot.podIdentities?.find((each) => each.namespace === "kube-system" && each.serviceAccount === AGENT);
  const roleArn = addon?.roleArn ?? account?.roleArn ?? association?.roleArn;
  if (roleArn !== undefined) return { kind: "own-role", role: roleNameOf(roleArn) };
  if (association !== undefined || (addon?.podIdentities.length ?? 0) > 0) return { kind: "own-role" };
  // An association is at EKS alone: without its list, a bare service account proves nothing.
  return account !== undefined && snapshot.podIdentities !== undefined ? { kind: "node-role" } : undefined;
}

/** `arn:aws:iam::111122223333:role/path/name` → `name`. */
export function roleNameOf(arn: string): string {
  return arn.replace(/^.*\//, "");
}

/** The roles of nodes whose node group tells. */
export function nodeRolesOf({ snapshot }: ClusterView): readonly SeenRole[] {
  const names = new Set((snapshot.nodeGroups ?? []).flatMap(({ roleArn }) => (roleArn === undefined ? [] : [roleNameOf(roleArn)])));
  return (snapshot.roles ?? []).filter(({ name }) => names.has(name));
}

/** Roles that the agent acts as; none where that is not known. */
export function agentRolesOf(view: ClusterView): readonly SeenRole[] {
  const identity = agentIdentityOf(view);
  if (identity?.kind === "own-role") return (view.snapshot.roles ?? []).filter(({ name }) => name === identity.role);
  return identity === undefined ? [] : nodeRolesOf(view);
}

/** Which of these actions a role may not do, by its policies as far as their documents are known; `undefined`: not all of them are. */
export function actionsDenied(role: SeenRole, actions: readonly string[]): readonly string[] | undefined {
  const known = new Set(role.documents.map(({ name }) => name));
  const managed = role.attached.flatMap((name) => managedPolicy(name) ?? []);
  if (role.attached.some((name) => !known.has(name) && managedPolicy(name) === undefined)) return undefined;
  const identity: readonly NamedPolicy[] = [...role.documents.map(({ name, document }) => ({ id: name, document })), ...managed];
  const context = contextOf([]);
  return actions.filter((action) => evaluate({ identity }, { action, resource: anyResourceOf(action), context }).kind !== "allowed");
}

/** What of each action's resources matters here: an ENI, where the action takes one. */
function anyResourceOf(action: string): string {
  return action.startsWith("ec2:Describe") ? "*" : "arn:aws:ec2:us-east-1:111122223333:network-interface/eni-0123456789abcdef0";
}

/** The one of AWS's own managed policies of this name. */
function managedPolicy(name: string): NamedPolicy | undefined {
  for (const [arn, policy] of AWS_MANAGED_POLICIES) {
    const read = policy.name === name ? readPolicy(defaultDocument(policy), "identity") : undefined;
    if (read?.ok === true) return { id: arn, document: read.value };
  }
  return undefined;
}
