import { formatIpv4, type VpcId } from "@slash28/address";
import type { ClusterRecord, Eks } from "@slash28/eks";
import { listenInNamespace } from "@slash28/linux";
import type { Instance } from "@slash28/vpc";
import type { StateStore } from "../../state/index.ts";
import { openClusterNodes, type NodesHome } from "../cluster-nodes.ts";
import { podDialer } from "../dial-pods.ts";
import type { ClusterSite } from "../node-groups/index.ts";
import type { LabNode, Nodes } from "../nodes.ts";
import { ownServiceAddresses } from "../service-range.ts";
import { Undo } from "../undo.ts";
import { createClusterPlaces } from "./cluster-places.ts";
import { serviceRangeOf } from "./cluster-network.ts";
import type { ClusterUnit, ClusterUnitOptions } from "./cluster-unit.ts";

/** What a control plane that starts is told of where it is and where its pods run. */
export type ClusterPlace = Pick<ClusterUnitOptions, "runtimeFor" | "dialPod" | "advertise" | "names" | "port" | "mayMove" | "listenInside">;

/** Gives the clusters that EKS makes their endpoints inside the lab's network, and their nodes. */
export interface ClusterHosting {
  placeOf(cluster: ClusterRecord): ClusterPlace;
  /** The API as the cluster's own nodes reach it, a URL. */
  endpointOf(cluster: ClusterRecord, unit: ClusterUnit): string;
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

const HTTPS_PORT = 443;

export function createHosting(options: HostingOptions): HostedClusters {
  const { fabric, log, state, eks } = options;
  const hosted = new Map<string, Hosted>();
  const places = createClusterPlaces(state.document("cluster-endpoints"));
  const endpointOf: ClusterHosting["endpointOf"] = (cluster, unit) =>
    fabric === undefined ? unit.gateway.outside.url : `https://${formatIpv4(places.addressOf(cluster))}`;
  const follow = ({ nodes }: Hosted): void =>
    void nodes.follow().catch((cause: unknown) => log.error("a node could not be started or ended", { detail: String(cause) }));

  return {
    placeOf(cluster) {
      const find = (node: string): LabNode | undefined => hosted.get(cluster.name)?.nodes.find(node);
      const port = { port: places.portOf(cluster), mayMove: true };
      const common = { ...port, runtimeFor: (node: string) => find(node)?.kubelet.runtime, dialPod: podDialer(find) };
      if (fabric === undefined) return { ...common, listenInside: undefined };
      const address = places.addressOf(cluster);
      fabric.offerBeyond(address);
      return {
        ...common,
        names: [formatIpv4(address)],
        advertise: { address, port: HTTPS_PORT },
        listenInside: () => listenInNamespace(fabric.internet, address, HTTPS_PORT),
      };
    },
    endpointOf,
    opened(cluster, unit) {
      const { name } = cluster;
      const undo = new Undo(log);
      const home = { ...options, log: log.child({ cluster: name }), hindrance: hindranceOf(options, cluster) };
      const serviceRange = serviceRangeOf(cluster);
      const parts = { clusterName: name, kube: unit.gateway.kube, api: unit.api, serviceRange, hasDns: true };
      hosted.set(name, { unit, nodes: openClusterNodes({ ...home, ...parts }, undo), undo });
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
      return one === undefined || cluster === undefined ? undefined : siteOf(cluster, one, endpointOf(cluster, one.unit));
    },
    follow: () => hosted.forEach(follow),
    problemsOf: (id) => [...hosted.values()].flatMap(({ nodes }) => nodes.problemsOf(id)),
  };
}

function siteOf(cluster: ClusterRecord, { unit }: Hosted, endpoint: string): ClusterSite {
  const { network } = cluster;
  const isIpv6 = network.ipFamily === "ipv6";
  return {
    nodes: {
      name: cluster.name,
      endpoint,
      certificateAuthority: Buffer.from(unit.api.caPem).toString("base64"),
      serviceCidr: isIpv6 ? network.serviceIpv6Cidr : network.serviceIpv4Cidr,
      dnsAddress: ownServiceAddresses(serviceRangeOf(cluster)).dns,
      securityGroupId: cluster.clusterSecurityGroupId ?? "",
    },
    vpcId: cluster.vpc.vpcId,
    version: cluster.version,
    isIpv6,
    kube: unit.gateway.kube,
  };
}

function hindranceOf({ fabric, vpcId }: HostingOptions, cluster: ClusterRecord): (instance: Instance) => string | undefined {
  return (instance) => {
    if (cluster.network.ipFamily === "ipv6") return `${cluster.name} is an IPv6 cluster, for which this lab has no nodes`;
    return fabric === undefined || instance.vpcId === vpcId
      ? undefined
      : `it is in ${instance.vpcId}, and the lab's network is that of ${vpcId} alone; choose subnets of that one`;
  };
}
