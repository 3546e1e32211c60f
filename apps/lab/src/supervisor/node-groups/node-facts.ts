import type { ClusterFile } from "@slash28/cluster-file";
import { parseQuantity } from "@slash28/kube-store";
import { limitsOf, type InstanceLimits } from "@slash28/limits";
import { bootNode, decodeBase64Text, standardMaxPods, type KubeletSettings } from "@slash28/node-bootstrap";
import type { Instance } from "@slash28/vpc";

/** The tag that makes an instance a node of the cluster, as on EKS; an instance started by hand with it joins too. */
export function clusterTag(cluster: string): string {
  return `kubernetes.io/cluster/${cluster}`;
}

/** Tags the lab reads back when an instance without user data joins. */
const NODE_GROUP_TAG = "eks:nodegroup-name";
const MAX_PODS_TAG = "slash28.dev/max-pods";

/** A node as its instance describes it. */
export interface LabNodeFacts {
  readonly name: string;
  readonly maxPods: number;
  readonly limits: InstanceLimits;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: KubeletSettings["taints"];
  readonly crashBackOffMaxMs?: number;
  /** Kept from pods; absent on a node that was told nothing. */
  readonly reserved?: { readonly cpuMillicores: number; readonly memoryMib: number };
}

/** What an instance is to a cluster. */
export type Joining =
  | { readonly kind: "node"; readonly facts: LabNodeFacts }
  | { readonly kind: "stranger" }
  /** Its user data does not start a kubelet for this cluster; each problem is a sentence. */
  | { readonly kind: "broken"; readonly problems: readonly string[] };

/**
 * What a node is called and may hold, by its user data, read as its image reads it. An instance with the cluster's tag and no user data joins
 * with the settings an EKS image has by itself, which real ones do not; so that trying things by hand is short.
 */
export function joiningOf(instance: Instance, cluster: Pick<ClusterFile, "name">, dnsName: string): Joining {
  const limits = limitsOf(instance.type);
  if (limits === undefined || !(clusterTag(cluster.name) in instance.tags)) return { kind: "stranger" };
  if (instance.userData === undefined || instance.userData === "") return { kind: "node", facts: untoldFacts(instance, limits, dnsName) };
  const userData = decodeBase64Text(instance.userData);
  if (userData === undefined)
    return { kind: "broken", problems: ["the user data is not text (is it compressed?); no image of EKS's reads it"] };
  const booted = bootNode({ imageId: instance.imageId, userData, limits, clusterName: cluster.name });
  if (!booted.ok) return { kind: "broken", problems: booted.problems };
  const { maxPods, labels, taints, crashLoopBackOffMaxSeconds } = booted.value.kubelet;
  return {
    kind: "node",
    facts: {
      name: dnsName,
      limits,
      maxPods,
      labels,
      taints,
      reserved: reservedBy(booted.value.kubelet, limits),
      ...(crashLoopBackOffMaxSeconds === undefined ? {} : { crashBackOffMaxMs: crashLoopBackOffMaxSeconds * 1_000 }),
    },
  };
}

const MIB = 2 ** 20;

/** Reserved for kubelet and the system, and what must stay free lest pods be evicted (Kubernetes: "Reserve Compute Resources"). */
function reservedBy(
  { kubeReserved, systemReserved, evictionHard }: KubeletSettings,
  { memoryMiB }: InstanceLimits,
): { cpuMillicores: number; memoryMib: number } {
  const sum = (resource: string): number => (parseQuantity(kubeReserved[resource]) ?? 0) + (parseQuantity(systemReserved[resource]) ?? 0);
  const threshold = evictionHard["memory.available"] ?? "0";
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(threshold)?.[1];
  const eviction = percent === undefined ? (parseQuantity(threshold) ?? 0) : ((memoryMiB ?? 0) * MIB * Number(percent)) / 100;
  return { cpuMillicores: Math.ceil(sum("cpu") * 1_000), memoryMib: Math.ceil((sum("memory") + eviction) / MIB) };
}

function untoldFacts(instance: Instance, limits: InstanceLimits, name: string): LabNodeFacts {
  const group = instance.tags[NODE_GROUP_TAG];
  const told = Number(instance.tags[MAX_PODS_TAG] ?? Number.NaN);
  return {
    name,
    limits,
    maxPods: Number.isInteger(told) ? told : standardMaxPods(limits),
    labels: group === undefined ? {} : { "eks.amazonaws.com/nodegroup": group },
    taints: [],
  };
}
