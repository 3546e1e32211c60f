import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ownServiceAddresses, serviceRangeOf, type ClusterRecord } from "@slash28/eks";
import { followDisks } from "./disks.ts";
import type { ClusterUnit } from "./eks/cluster-unit.ts";
import { createKubelets } from "./kubelets.ts";
import type { LabOrder } from "./lab-order.ts";
import { createNodes, type Nodes, type NodesOptions } from "./nodes.ts";
import type { Undo } from "./undo.ts";

/** What the nodes of every cluster of a lab have in common. */
export interface NodesHome extends Pick<
  NodesOptions,
  "cloud" | "fabric" | "clock" | "random" | "log" | "events" | "roleNameOf" | "hindrance"
> {
  readonly order: Pick<LabOrder, "dataPlane" | "ec2Profile">;
  /** Holds a directory per node that stands for its disk, and the volumes. */
  readonly disks: string;
  /** The certificates that pods trust. */
  readonly trustFile: string;
}

export interface ClusterNodesOptions extends NodesHome {
  readonly cluster: ClusterRecord;
  readonly unit: ClusterUnit;
  readonly hasDns: boolean;
}

/** The nodes of one cluster with what runs pods on them. They begin with the first `follow`. */
export function openClusterNodes(options: ClusterNodesOptions, undo: Undo): Nodes {
  const { cluster, unit, clock, random, log, order, disks, hasDns, trustFile } = options;
  const { api: apiAddress, dns: dnsAddress } = ownServiceAddresses(serviceRangeOf(cluster.network));
  const kubelets = createKubelets({
    api: unit.api,
    kube: unit.gateway.kubeOf("kubelet"),
    clock,
    random,
    log: log.child({ part: "kubelet" }),
    dataPlane: order.dataPlane,
    apiAddress,
    trustFile,
    ...(hasDns ? { dnsAddress } : {}),
  });
  undo.add("the pods' processes", () => kubelets.close());
  // Beside the nodes' own disks, and kept as long: a volume outlives the node it was first used on.
  const disksDir = join(disks, "volumes");
  mkdirSync(disksDir, { recursive: true });
  const volumes = followDisks({
    kube: unit.gateway.kubeOf("ebs-csi-node"),
    clock,
    random,
    log: log.child({ part: "disks" }),
    dir: disksDir,
  });
  undo.add("the volumes", () => volumes.stop());
  const nodes = createNodes({
    ...options,
    clusterName: cluster.name,
    kubeOf: (client) => unit.gateway.kubeOf(client),
    profile: order.ec2Profile,
    nodesDir: disks,
    disksDir,
    newKubelet: kubelets.start,
  });
  undo.add("the nodes", () => nodes.close());
  return nodes;
}
