import type { SubnetId } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import { limitsOf, type InstanceLimits } from "@slash28/limits";
import type { Cloud, Instance } from "@slash28/vpc";
import { must, type ProvisionedVpc } from "./provision-vpc.ts";

/** The tag that makes an instance a node of the cluster, as on EKS; an instance started by hand with it joins too. */
export function clusterTag(cluster: string): string {
  return `kubernetes.io/cluster/${cluster}`;
}

/** Tags the lab reads back when the instance joins. */
const NODE_GROUP_TAG = "eks:nodegroup-name";
const MAX_PODS_TAG = "slash28.dev/max-pods";

export const NODE_ROLE = "slash28-node";

/** Starts the instances a cluster file asks for, spread over the zones of each group in turn. */
export function runNodeGroups(cloud: Cloud, file: ClusterFile, network: ProvisionedVpc, now: number): void {
  for (const group of file.nodeGroups) {
    const zones = group.zones ?? [...new Set(network.subnets.map((subnet) => subnet.zone))];
    for (let index = 0; index < group.nodes; index++) {
      const zone = zones[index % zones.length];
      const subnet = network.subnets.find((candidate) => candidate.zone === zone);
      if (subnet !== undefined) runNode(cloud, file, group, { subnetId: subnet.id, network, now });
    }
  }
}

function runNode(
  cloud: Cloud,
  file: ClusterFile,
  group: ClusterFile["nodeGroups"][number],
  { subnetId, network, now }: { readonly subnetId: SubnetId; readonly network: ProvisionedVpc; readonly now: number },
): void {
  const tags = {
    Name: `${file.name}-${group.name}`,
    [clusterTag(file.name)]: "owned",
    [NODE_GROUP_TAG]: group.name,
    ...(group.maxPods === undefined ? {} : { [MAX_PODS_TAG]: String(group.maxPods) }),
  };
  const input = {
    type: group.instanceType,
    imageId: "ami-0a1b2c3d4e5f60718",
    minCount: 1,
    maxCount: 1,
    subnetId,
    groups: [network.clusterGroup],
    instanceProfile: NODE_ROLE,
    // EKS nodes: tokens needed, and two hops so that pods behind the node reach the service when they may.
    metadata: { needsToken: true, hopLimit: 2 },
    tags,
  };
  must("RunInstances", cloud.runInstances(input, { now }));
}

/** A node as its instance describes it. */
export interface LabNodeFacts {
  readonly name: string;
  readonly maxPods: number;
  readonly limits: InstanceLimits;
  readonly labels: Readonly<Record<string, string>>;
  readonly crashBackOffMaxMs?: number;
}

/** What a node is called and may hold; nothing when the instance is not of this cluster. */
export function nodeFactsOf(instance: Instance, file: ClusterFile, dnsName: string): LabNodeFacts | undefined {
  const limits = limitsOf(instance.type);
  if (limits === undefined || !(clusterTag(file.name) in instance.tags)) return undefined;
  const groupName = instance.tags[NODE_GROUP_TAG];
  const group = file.nodeGroups.find((candidate) => candidate.name === groupName);
  const longestWait = group?.kubelet?.crashLoopBackOff.maxContainerRestartPeriod;
  const told = Number(instance.tags[MAX_PODS_TAG] ?? Number.NaN);
  return {
    name: dnsName,
    limits,
    maxPods: Number.isInteger(told) ? told : limits.maxEnis * (limits.ipv4PerEni - 1) + 2,
    labels: { ...(groupName === undefined ? {} : { "eks.amazonaws.com/nodegroup": groupName }), ...group?.labels },
    ...(longestWait === undefined ? {} : { crashBackOffMaxMs: Number.parseInt(longestWait, 10) * 1_000 }),
  };
}
