import type { EniWiring, HostWiring } from "@slash28/host-network";
import { isPrimaryEni, routeTableOf } from "@slash28/ipam";
import { Fault, type HostNetwork, type Log } from "@slash28/ports";
import { parseMac } from "@slash28/address";
import type { Node } from "../node.ts";

/** What the host must have for the node's ENIs and settings. ENIs whose subnet is not known yet are left for later, those that somebody detached are left out. */
export function hostWiringOf(node: Node): HostWiring {
  const { host } = node.settings;
  return {
    enis: node.ledger.enis().flatMap(({ facts, isGone }): readonly EniWiring[] => {
      if (isGone) return [];
      const subnet = node.subnetCidrs.get(facts.subnetId);
      const mac = parseMac(facts.mac);
      if (subnet === undefined || mac === undefined) return [];
      const { primaryAddress } = facts;
      return [{ mac, isPrimary: isPrimaryEni(facts), primaryAddress, subnet, table: routeTableOf(facts), mtu: host.eniMtu }];
    }),
    vpcCidrs: node.vpcCidrs,
    snat: host.externalSnat ? { mode: "external" } : { mode: "node", excluded: host.excludeSnatCidrs, port: host.randomizeSnat },
    nodePorts: host.nodePortSupport,
    connectionMark: host.connectionMark,
    vethPrefix: host.vethPrefix,
    externalServiceCidrs: host.externalServiceCidrs,
    tcpEarlyDemux: host.tcpEarlyDemux,
  };
}

/** Brings the kernel in line and tells what changed. A refusal is kept for STATUS, and raised. */
export function wireHost(node: Node, network: HostNetwork, log: Log): void {
  try {
    for (const change of network.applyHost(hostWiringOf(node))) log.info("host network changed", { change });
    node.hostFault = undefined;
  } catch (cause) {
    if (cause instanceof Fault) node.hostFault = cause;
    throw cause;
  }
}
