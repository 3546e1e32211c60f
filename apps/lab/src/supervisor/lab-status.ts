import { formatCidr4, type VpcId } from "@slash28/address";
import type { Kube, KubeObject } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import type { ClusterStatus, NodeStatus, SubnetStatus } from "../control/index.ts";
import type { EksState } from "@slash28/eks";
import { isReady } from "../kubernetes/controllers/index.ts";
import { NODE_TAINTS } from "../kubernetes/node-taints.ts";
import { readPool } from "./agent-pool.ts";
import type { LabClusters } from "./lab-clusters.ts";
import type { LabNode } from "./nodes.ts";

const PREFIX_ADDRESSES = 16;

interface PodObject extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

interface NodeObject extends KubeObject {
  readonly spec?: { readonly taints?: readonly { readonly key: string }[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Nodes as they are now: ENIs and held addresses from the cloud, assigned and cooling ones from each agent, pods from the API. */
export async function nodeStatuses(cloud: Cloud, kube: Kube, nodes: readonly LabNode[]): Promise<readonly NodeStatus[]> {
  const [pods, objects] = await Promise.all([
    kube.list<PodObject>({ group: "", version: "v1", plural: "pods" }),
    kube.list<NodeObject>({ group: "", version: "v1", plural: "nodes" }),
  ]);
  const perNode = new Map<string, number>();
  for (const pod of pods.items) {
    const node = pod.spec.nodeName;
    if (node !== undefined && !isFinished(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const ready = new Set(objects.items.filter(isReady).map((node) => node.metadata.name));
  const statuses = nodes.map(async ({ spec, instanceId }): Promise<NodeStatus> => {
    const enis = cloud.view.attachedEnis(instanceId);
    const held = enis.reduce((sum, eni) => sum + eni.secondaryAddresses.length + eni.prefixes.length * PREFIX_ADDRESSES, 0);
    const pool = await readPool(spec.rootDir);
    return {
      name: spec.name,
      instanceId,
      instanceType: spec.instanceType,
      zone: spec.zone,
      address: spec.address,
      enis: enis.length,
      addresses: { held, assigned: pool?.assigned ?? 0, cooling: pool?.cooling ?? 0 },
      pods: perNode.get(spec.name) ?? 0,
      maxPods: spec.maxPods,
      ready: ready.has(spec.name),
    };
  });
  return (await Promise.all(statuses)).toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** Whether no node keeps pods off for having been unready: the taint goes a moment after the node is ready, and until then pods are told so. */
export async function areNodesOpen(kube: Kube): Promise<boolean> {
  const { items } = await kube.list<NodeObject>({ group: "", version: "v1", plural: "nodes" });
  return items.every(({ spec }) => spec?.taints?.some(({ key }) => key === NODE_TAINTS.notReady) !== true);
}

/** Every cluster on EKS's books, those that run first; one that does not run has no nodes. The nodes of the lab's own stand apart, too. */
export async function clusterStatuses(
  cloud: Cloud,
  state: EksState,
  clusters: Pick<LabClusters, "running" | "named">,
): Promise<{ readonly clusters: readonly ClusterStatus[]; readonly nodes: readonly NodeStatus[] }> {
  const running = clusters.running();
  const names = new Set([...running.map(({ name }) => name), ...Object.keys(state.clusters)]);
  const statuses = [...names].map(async (name): Promise<readonly ClusterStatus[]> => {
    const record = state.clusters[name];
    if (record === undefined) return [];
    const found = running.find((one) => one.name === name);
    const nodes = found === undefined ? [] : await nodeStatuses(cloud, found.unit.api.kube, found.nodes.all());
    const { status, version, connection } = record;
    return [{ name, status, version, endpoint: connection?.endpoint ?? "", nodes }];
  });
  const all = (await Promise.all(statuses)).flat();
  const own = clusters.named(undefined).name;
  return { clusters: all, nodes: all.find(({ name }) => name === own)?.nodes ?? [] };
}

export function subnetStatuses(cloud: Cloud, vpcId: VpcId, now: number): readonly SubnetStatus[] {
  const described = cloud.describeSubnets({}, { now });
  if (!described.ok) return [];
  const own = described.value.filter((subnet) => subnet.vpcId === vpcId);
  return own.map((subnet) => ({ id: subnet.id, cidr: formatCidr4(subnet.cidr), zone: subnet.zone, free: subnet.freeAddresses }));
}

function isFinished(pod: PodObject): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}
