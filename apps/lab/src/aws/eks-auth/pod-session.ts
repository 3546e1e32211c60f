import { randomUUID } from "node:crypto";
import {
  assumedRoleArn,
  decideAssumeRole,
  decidePodIdentity,
  evaluate,
  rootArn,
  sessionPolicySet,
  tagContext,
  type Account,
  type Result,
  type SessionGrant,
  type Tags,
} from "@slash28/iam";
import type { PodAssociation } from "./pod-identities.ts";
import type { TokenPod } from "./pod-token.ts";

/** A session of a target role lasts this long (EKS user guide, "Pod Identity target roles"). */
const TARGET_SECONDS = 59 * 60;
const SESSION_NAME_CHARACTERS = 64;

export interface PodSessionFacts {
  readonly association: PodAssociation;
  readonly cluster: { readonly name: string; readonly arn: string };
  readonly pod: TokenPod;
}

/** The session a pod gets by its association: of its role, or of the target role by way of it. */
export function podSession(account: Account, facts: PodSessionFacts, nowMs: number): Result<SessionGrant> {
  const { association, cluster, pod } = facts;
  const hasTarget = association.targetRoleArn !== undefined;
  const name = sessionName(cluster.name, pod.name);
  const first = decidePodIdentity(
    account,
    {
      roleArn: association.roleArn,
      sessionName: name,
      tags: association.disableSessionTags ? {} : podTags(facts),
      clusterArn: cluster.arn,
      ...(association.policy === undefined || hasTarget ? {} : { policy: association.policy }),
    },
    nowMs,
  );
  return first.ok && hasTarget ? targetSession(account, first.value, association, nowMs) : first;
}

function targetSession(account: Account, first: SessionGrant, association: PodAssociation, nowMs: number): Result<SessionGrant> {
  const role = account.roles.find(({ id }) => id === first.roleId);
  const arn = assumedRoleArn(account.accountId, first.roleName, first.sessionName);
  const context = new Map([...tagContext("aws:PrincipalTag/", first.tags), ...tagContext("aws:RequestTag/", first.tags, "aws:TagKeys")]);
  const request = {
    roleArn: association.targetRoleArn ?? "",
    sessionName: first.sessionName,
    durationSeconds: TARGET_SECONDS,
    context,
    callerMay: (action: string, resource: string) =>
      role !== undefined && evaluate(sessionPolicySet(account, role, first), { action, resource, context }).kind === "allowed",
    ...(association.externalId === undefined ? {} : { externalId: association.externalId }),
    ...(association.policy === undefined ? {} : { policy: association.policy }),
  };
  const asker = { arn, names: [arn, first.roleArn, first.roleId], accountRoot: rootArn(account.accountId), session: first };
  return decideAssumeRole(account, request, asker, nowMs);
}

/** The six tags of a pod's session (EKS user guide, "Grant Pods access to AWS resources based on tags"). */
function podTags({ cluster, pod }: PodSessionFacts): Tags {
  return {
    "eks-cluster-arn": cluster.arn,
    "eks-cluster-name": cluster.name,
    "kubernetes-namespace": pod.namespace,
    "kubernetes-service-account": pod.serviceAccount,
    "kubernetes-pod-name": pod.name,
    "kubernetes-pod-uid": pod.uid,
  };
}

/** `eks-<cluster>-<pod>-<random>`, cut so that the random part stays. */
function sessionName(cluster: string, pod: string): string {
  const random = randomUUID();
  return `${`eks-${cluster}-${pod}`.slice(0, SESSION_NAME_CHARACTERS - random.length - 1)}-${random}`;
}
