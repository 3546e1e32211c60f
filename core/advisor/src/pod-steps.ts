import { formatIpv4 } from "@slash28/address";
import { nodeFacts } from "@slash28/ipam";
import { QUOTAS } from "@slash28/vpc";
import type { Evidence } from "./finding.ts";
import { counted, fact, named } from "./findings/check.ts";
import { settledPool } from "./settled-pool.ts";
import type { ClusterView, ViewNode } from "./snapshot/cluster-view.ts";
import { isFor } from "./snapshot/group-policies.ts";
import type { SeenPod } from "./snapshot/kubernetes-objects.ts";
import { agentEnisOf, holdingsOf, poolPodsOf } from "./snapshot/node-holdings.ts";
import { eniConfigNameOf, eniConfigOf, podSubnetsOf } from "./snapshot/pod-subnets.ts";
import { standingEvents } from "./snapshot/standing-events.ts";
import { spaceOf } from "./snapshot/subnet-space.ts";

/** The order in which one looks: what the agent says, what the instance can hold, what the subnet has, what the account may, branch ENIs. */
export type PodStepId = "pod" | "agent" | "instance" | "subnet" | "quota" | "branch-enis";

export interface PodStep {
  readonly id: PodStepId;
  /** The question, as people ask it. */
  readonly title: string;
  /** `unknown`: the snapshot has not what it takes to answer. */
  readonly state: "ok" | "failed" | "unknown";
  readonly evidence: readonly Evidence[];
}

/** Whether a pod has an address, or needs none of its own. */
export function hasOrNeedsNone({ isOnHostNetwork, addresses, ipv6Addresses }: SeenPod): boolean {
  return isOnHostNetwork || addresses.length + ipv6Addresses.length > 0;
}

export function lookAtPod(pod: SeenPod): PodStep {
  const title = "Does the pod wait for an address?";
  const { nodeName, isOnHostNetwork, addresses, ipv6Addresses, waitingFor, unschedulable } = pod;
  if (isOnHostNetwork)
    return { id: "pod", title, state: "ok", evidence: [fact("it is on its node's network and needs no address of its own")] };
  if (hasOrNeedsNone(pod)) {
    return { id: "pod", title, state: "ok", evidence: [fact(`it has ${named([...addresses.map(formatIpv4), ...ipv6Addresses])}`)] };
  }
  if (nodeName === undefined) {
    const why =
      unschedulable === undefined || unschedulable === "" ? "the scheduler says nothing of it" : `the scheduler says: ${unschedulable}`;
    return { id: "pod", title, state: "failed", evidence: [fact("it has no node yet, so nobody gives it an address"), fact(why)] };
  }
  return {
    id: "pod",
    title,
    state: "ok",
    evidence: [fact(`it is on ${nodeName} without an address${waitingFor.length > 0 ? ` (${named(waitingFor)})` : ""}`)],
  };
}

const REFUSALS =
  /InsufficientFreeAddresses|InsufficientCidrBlocks|MissingIAMPermissions|MissingCredentials|InstanceENILimit|MetadataUnreachable|ENIConfigUnusable|FailedCreatePodSandBox/;

export function lookAtAgent({ snapshot }: ClusterView, { namespace, name, nodeName }: SeenPod): PodStep {
  const title = "What does the agent say: no free addresses, no whole /28, or something else?";
  const { events, logSigns } = snapshot;
  if (events === undefined && logSigns === undefined) return { id: "agent", title, state: "unknown", evidence: [] };
  const own = standingEvents(snapshot, REFUSALS).filter(
    ({ about }) => (about.name === name && about.namespace === namespace) || about.name === nodeName || about.name.startsWith("aws-node"),
  );
  const signs = (logSigns ?? []).filter(({ source }) => nodeName === undefined || !/node-|ip-/.test(source) || source.includes(nodeName));
  const evidence = [
    ...own.map(({ reason, message, count }) => fact(`event ${reason}, ${counted(count, "time")}: ${message}`, reason)),
    ...signs.map(({ source, sign, lines }) => fact(`${source} says ${sign} ${counted(lines, "time")}`, sign)),
  ];
  return { id: "agent", title, state: evidence.length > 0 ? "failed" : "ok", evidence };
}

export function lookAtInstance(view: ClusterView, node: ViewNode | undefined): PodStep {
  const title = "Has the node a slot left for another address?";
  const { limits } = node ?? {};
  if (node === undefined || limits === undefined) return { id: "instance", title, state: "unknown", evidence: [] };
  const reservedEnis = node.enis.length - agentEnisOf(node).length;
  const pods = poolPodsOf(node);
  const facts = nodeFacts(limits, Math.max(node.node.maxPods ?? 0, pods), { reservedEnis });
  const { withoutAddress } = settledPool(facts, view.settings.pool, pods);
  const evidence = [
    fact(`${node.name} is ${limits.type}: ${limits.maxEnis} ENIs with ${limits.ipv4PerEni} addresses each`),
    fact(`of ${pods} pods on it that need an address it can serve ${pods - withoutAddress}`, pods - withoutAddress),
    ...(view.snapshot.enis === undefined ? [] : [fact(`its ENIs hold ${holdingsOf(node).held} addresses for pods`, holdingsOf(node).held)]),
  ];
  return { id: "instance", title, state: withoutAddress > 0 ? "failed" : "ok", evidence };
}

export function lookAtSubnet(view: ClusterView, node: ViewNode | undefined): PodStep {
  const title = "Has the subnet an address, or with prefixes a whole /28, left?";
  if (node === undefined || view.snapshot.subnets === undefined) return { id: "subnet", title, state: "unknown", evidence: [] };
  if (view.settings.pool.customNetworking && view.snapshot.eniConfigs !== undefined && eniConfigOf(view, node.node) === undefined) {
    return {
      id: "subnet",
      title,
      state: "failed",
      evidence: [fact(`custom networking is on, and there is no ENIConfig ${eniConfigNameOf(view, node.node)} to say which subnet`)],
    };
  }
  const spaces = podSubnetsOf(view, node).map((subnet) => spaceOf(view, subnet));
  if (spaces.length === 0) return { id: "subnet", title, state: "unknown", evidence: [] };
  const { prefixDelegation } = view.settings.pool;
  const evidence = spaces.flatMap(({ subnet, free, usable, freePrefixes }) => [
    fact(`${subnet.id} has ${free} of ${usable} addresses free`, free),
    ...(prefixDelegation && freePrefixes !== undefined
      ? [fact(`${subnet.id} has at most ${freePrefixes} whole /28s free`, freePrefixes)]
      : []),
  ]);
  const isOut = spaces.every(({ free, freePrefixes }) => free === 0 || (prefixDelegation && freePrefixes === 0));
  return { id: "subnet", title, state: isOut ? "failed" : "ok", evidence };
}

export function lookAtQuota({ snapshot }: ClusterView): PodStep {
  const title = "May the account have another network interface?";
  if (snapshot.enis === undefined) return { id: "quota", title, state: "unknown", evidence: [] };
  const quota = snapshot.quotas?.find(({ code }) => code === QUOTAS.enis.code)?.value;
  const held = snapshot.enis.length;
  const most = quota ?? QUOTAS.enis.defaultValue;
  const evidence = [
    fact(
      `the account has ${held} of ${most} network interfaces${quota === undefined ? " (AWS's default quota; its own is not known)" : ""}`,
      held,
    ),
  ];
  return { id: "quota", title, state: held >= most ? "failed" : "ok", evidence };
}

export function lookAtBranchEnis(view: ClusterView, pod: SeenPod, node: ViewNode | undefined): PodStep {
  const title = "If it has security groups of its own: has the node a branch ENI for it?";
  const { securityGroupPolicies, serviceAccounts = [] } = view.snapshot;
  const policies = (securityGroupPolicies ?? []).filter((policy) => isFor(policy, pod, serviceAccounts));
  if (pod.wantsBranchEni || policies.length > 0) {
    const asks = fact(`it asks for a branch ENI${policies.length > 0 ? ` by ${named(policies.map(({ name }) => name))}` : ""}`);
    const { state, evidence } = branchEniFor(view, node);
    return { id: "branch-enis", title, state, evidence: [asks, ...evidence] };
  }
  if (securityGroupPolicies === undefined) return { id: "branch-enis", title, state: "unknown", evidence: [] };
  return { id: "branch-enis", title, state: "ok", evidence: [fact("it asks for none")] };
}

function branchEniFor(view: ClusterView, node: ViewNode | undefined): Pick<PodStep, "state" | "evidence"> {
  if (view.hasSettings && !view.isOn("ENABLE_POD_ENI")) return { state: "failed", evidence: [fact("ENABLE_POD_ENI is not true")] };
  const { limits } = node ?? {};
  if (node === undefined || limits === undefined) return { state: "unknown", evidence: [] };
  if (!limits.trunkingCompatible) return { state: "failed", evidence: [fact(`${limits.type} can have no trunk ENI`)] };
  const most = node.node.branchPods ?? limits.branchInterfaces;
  const used = node.pods.filter(({ wantsBranchEni }) => wantsBranchEni).length;
  const evidence = [fact(`${used} of ${most ?? "an unknown number of"} branch ENIs of ${node.name} are asked for`, used)];
  if (most === undefined) return { state: "unknown", evidence };
  return { state: used > most ? "failed" : "ok", evidence };
}
