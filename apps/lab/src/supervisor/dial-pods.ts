import { Socket } from "node:net";
import { parseIpv4 } from "@slash28/address";
import { connectInNamespace } from "@slash28/linux";
import { textOf } from "./failure-text.ts";
import type { PodEndpoint } from "../kubernetes/api-server/index.ts";
import type { LabNode } from "./nodes.ts";

/**
 * How the API server, which stands outside the VPC, reaches a pod: from the node the pod runs on. On EKS its traffic comes in through
 * network interfaces of its own in the cluster's subnets.
 */
export function podDialer(find: (nodeName: string) => LabNode | undefined): (endpoint: PodEndpoint) => Socket {
  return ({ address, port, nodeName }) => {
    const node = nodeName === undefined ? undefined : find(nodeName);
    if (node === undefined) return broken(`no node ${nodeName ?? ""} runs the pod at ${address}`);
    const ip = parseIpv4(address);
    if (node.spec.netnsPath === undefined) return broken(`pods of the simulated data plane have no network; ${address} cannot be reached`);
    if (ip === undefined) return broken(`${address} is not an IPv4 address`);
    try {
      return connectInNamespace(node.spec.netnsPath, ip, port);
    } catch (cause) {
      return broken(textOf(cause));
    }
  };
}

/** A socket that tells its failure as sockets do, once somebody listens. */
function broken(why: string): Socket {
  return new Socket().destroy(new Error(why));
}
