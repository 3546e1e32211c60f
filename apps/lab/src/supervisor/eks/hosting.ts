import type { VpcId } from "@slash28/address";
import type { ClusterRecord, Eks } from "@slash28/eks";
import type { Instance } from "@slash28/vpc";
import type { StateStore } from "../../state/index.ts";
import { openClusterNodes, type NodesHome } from "../cluster-nodes.ts";
import type { ClusterSite } from "../node-groups/index.ts";
import type { LabCluster } from "../lab-clusters.ts";
import type { LabNode, Nodes } from "../nodes.ts";
import { Undo } from "../undo.ts";
import { createClusterPlaces } from "./cluster-places.ts";
import { siteOfCluster, withoutNodes } from "./site-of-cluster.ts";
import type { ClusterUnit } from "./cluster-unit.ts";
import { clusterPlace, type ClusterPlace } from "./control-plane-place.ts";

/** Gives the clusters that EKS makes their endpoints inside the lab's network, and their nodes. */
export interface ClusterHosting {
  placeOf(cluster: ClusterRecord): ClusterPlace;
  /** The control plane runs: instances with its tag become its nodes with the next change in the VPC. */
  opened(cluster: ClusterRecord, unit: ClusterUnit): void;
  /** Ends the cluster's kubelets and pods; its instances stay. */
  closing(cluster: string): Promise<void>;
  /** A cluster that was deleted needs its address no more. */
  release(cluster: ClusterRecord): void;
}

export interface HostedClusters extends ClusterHosting {
  /** A cluster that runs, as node groups see it. */
  siteOf(cluster: string): ClusterSite | undefined;
  /** Has what EC2 has started and ended become nodes and stop being some. Returns at once. */
  follow(): void;
  /** Those that run now. */
  running(): readonly LabCluster[];
  /** Why an instance does not join its cluster; empty for one that does. */
  problemsOf(instanceId: string): readonly string[];
}

export interface HostingOptions extends NodesHome {
  readonly state: StateStore;
  /** The VPC that the fabric carries: in another one nodes of the kernel data plane would have no network. */
  readonly vpcId: VpcId;
  readonly eks: Eks;
}

interface Hosted {
  readonly unit: ClusterUnit;
  readonly nodes: Nodes;
  readonly undo: Undo;
}

export function createHosting(options: HostingOptions): HostedClusters {
  const { fabric, log, state, eks } = options;
  const hosted = new Map<string, Hosted>();
  const places = createClusterPlaces(state.document("cluster-endpoints"));
  const follow = ({ nodes }: Hosted): void =>
    void nodes.follow().catch((cause: unknown) => log.error("a node could not be started or ended", { detail: String(cause) }));

  return {
    placeOf(cluster) {
      const address = places.addressOf(cluster);
      fabric?.offerBeyond(address);
      const findNode = (name: string): LabNode | undefined => hosted.get(cluster.name)?.nodes.find(name);
      return clusterPlace({ fabric, address, port: places.portOf(cluster), mayMove: true, findNode });
    },
    opened(cluster, unit) {
      const { name } = cluster;
      const undo = new Undo(log);
      const home = { ...options, log: log.child({ cluster: name }), hindrance: hindranceOf(options, cluster) };
      hosted.set(name, { unit, nodes: openClusterNodes({ ...home, cluster, unit, hasDns: true }, undo), undo });
      places.keepPort(cluster, unit.gateway.outside.port);
    },
    async closing(name) {
      const one = hosted.get(name);
      hosted.delete(name);
      await one?.undo.run();
    },
    release(cluster) {
      if (fabric !== undefined) fabric.withdrawBeyond(places.addressOf(cluster));
      places.release(cluster);
    },
    siteOf(name) {
      const one = hosted.get(name);
      const cluster = eks.state.clusters[name];
      return one === undefined || cluster === undefined ? undefined : siteOfCluster(cluster, one.unit);
    },
    follow: () => hosted.forEach(follow),
    running: () => [...hosted].map(([name, { unit, nodes }]) => ({ name, unit, nodes })),
    problemsOf: (id) => [...hosted.values()].flatMap(({ nodes }) => nodes.problemsOf(id)),
  };
}

function hindranceOf({ fabric, vpcId }: HostingOptions, cluster: ClusterRecord): (instance: Instance) => string | undefined {
  return (instance) => {
    const why = withoutNodes(cluster);
    if (why !== undefined) return why;
    return fabric === undefined || instance.vpcId === vpcId
      ? undefined
      : `it is in ${instance.vpcId}, and the lab's network is that of ${vpcId} alone; choose subnets of that one`;
  };
}
