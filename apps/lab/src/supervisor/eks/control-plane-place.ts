import { formatAddress, type Ipv4, type Ipv6 } from "@slash28/address";
import { listenInNamespace } from "@slash28/linux";
import type { Fabric } from "../../fabric/index.ts";
import type { ApiServerOptions } from "../../kubernetes/api-server/index.ts";
import type { ApiGatewayOptions } from "../api-gateway.ts";
import { podDialer } from "../dial-pods.ts";
import type { LabNode } from "../nodes.ts";

/** What a control plane that starts is told of where it is and where its pods run. */
export interface ClusterPlace
  extends Pick<ApiServerOptions, "runtimeFor" | "dialPod" | "advertise" | "names">, Omit<ApiGatewayOptions, "api"> {}

export interface ClusterPlaceOptions {
  readonly fabric: Pick<Fabric, "internet"> | undefined;
  /** Beyond the VPC's gateway, for the nodes. */
  readonly address: Ipv4 | Ipv6;
  /** On loopback, for the operator. */
  readonly port: number;
  readonly mayMove: boolean;
  /** The cluster's node of that name. */
  readonly findNode: (nodeName: string) => LabNode | undefined;
}

const LOOPBACK = "127.0.0.1";
const HTTPS_PORT = 443;

/** Where kubectl finds a cluster's API on this machine and, where packets move, its nodes find it. */
export function clusterPlace({ fabric, address, port, mayMove, findNode }: ClusterPlaceOptions): ClusterPlace {
  const common = {
    host: LOOPBACK,
    port,
    mayMove,
    runtimeFor: (nodeName: string) => findNode(nodeName)?.kubelet.runtime,
    dialPod: podDialer(findNode),
  };
  if (fabric === undefined) return { ...common, listenInside: undefined };
  return {
    ...common,
    names: [formatAddress(address)],
    advertise: { address, port: HTTPS_PORT },
    listenInside: () => listenInNamespace(fabric.internet, address, HTTPS_PORT),
  };
}
