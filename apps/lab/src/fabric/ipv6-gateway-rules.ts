import { formatCidr6 } from "@slash28/address";
import { INTERNET_LINK } from "./names.ts";
import { jumpsToTables, tableChain, tableChainName } from "./route-chains.ts";
import type { FabricIpv6Route, Topology } from "./topology.ts";

/**
 * What leaves the VPC with IPv6, and what comes in: addresses are public as they are, so that the internet gateway translates nothing. An
 * egress-only gateway lets out what does not answer a connection from outside; without an internet gateway nothing begins outside.
 */
export function ipv6GatewayRules(topology: Topology): string[] {
  return [
    "chain to-egress-only {",
    "  ct direction reply counter drop",
    "}",
    ...topology.routeTables.flatMap(({ id, ipv6Routes }) =>
      tableChain(tableChainName(id), ipv6Routes, ({ destination, to }) => `ip6 daddr ${formatCidr6(destination)} ${VERDICT[to]}`),
    ),
    "chain gateway-check { type filter hook forward priority -10; policy accept;",
    ...topology.vpcIpv6Cidrs.map((cidr) => `  oifname "${INTERNET_LINK}" ip6 daddr ${formatCidr6(cidr)} counter drop`),
    ...(topology.hasInternetGateway ? [] : [`  iifname "${INTERNET_LINK}" ct direction original counter drop`]),
    ...jumpsToTables(topology),
    "}",
  ];
}

const VERDICT: Readonly<Record<FabricIpv6Route["to"], string>> = {
  local: "return",
  internet: "return",
  "egress-only": "goto to-egress-only",
  nowhere: "counter drop",
};
