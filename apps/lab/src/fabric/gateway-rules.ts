import { formatCidr4, formatIpv4, type Cidr4 } from "@slash28/address";
import { INTERNET_LINK } from "./names.ts";
import { elements } from "./nft-elements.ts";
import { jumpsToTables, tableChain, tableChainName } from "./route-chains.ts";
import type { FabricNatGateway, FabricRoute, FabricRouteTable, Topology } from "./topology.ts";

/** Marks a packet for a NAT gateway's address: the gateway's place in the list, from here on. */
const FIRST_MARK = 0x100;

/**
 * What leaves the VPC, and how. The kernel's own routes send everything that no ENI owns towards the internet; these rules hold that
 * against the route table of the ENI it came from, the longest range first: the internet gateway takes public addresses only and
 * translates them one to one, a NAT gateway takes the rest under its own address if its own subnet leads to the internet.
 */
export function gatewayRules(topology: Topology): string[] {
  const enis = topology.instances.flatMap((instance) => instance.enis);
  const tables = new Map(topology.routeTables.map((table) => [table.id, table]));
  const pairs = enis.flatMap((eni) => eni.publicAddresses.map(({ own, open }) => [formatIpv4(own), formatIpv4(open)] as const));
  return [
    elements(
      "set has-public { type ipv4_addr;",
      pairs.map(([own]) => own),
    ),
    elements(
      "map to-public { type ipv4_addr : ipv4_addr;",
      pairs.map(([own, open]) => `${own} : ${open}`),
    ),
    elements(
      "map to-private { type ipv4_addr : ipv4_addr;",
      pairs.map(([own, open]) => `${open} : ${own}`),
    ),
    "chain to-internet {",
    "  ip saddr != @has-public counter drop",
    "}",
    ...topology.natGateways.flatMap((nat, index) => natChain(nat, FIRST_MARK + index, tables)),
    ...topology.routeTables.flatMap(({ id, routes }) =>
      tableChain(tableChainName(id), routes, ({ destination, to }) => ruleTo(destination, verdictOf(to, topology.natGateways))),
    ),
    "chain gateway-check { type filter hook forward priority -10; policy accept;",
    ...topology.vpcCidrs.map((cidr) => `  oifname "${INTERNET_LINK}" ip daddr ${formatCidr4(cidr)} counter drop`),
    ...jumpsToTables(topology),
    "}",
    "chain gateway-in { type nat hook prerouting priority dstnat; policy accept;",
    `  iifname "${INTERNET_LINK}" dnat to ip daddr map @to-private`,
    "}",
    "chain gateway-out { type nat hook postrouting priority srcnat; policy accept;",
    ...topology.natGateways.flatMap(({ publicAddress }, index) =>
      publicAddress === undefined
        ? []
        : [`  oifname "${INTERNET_LINK}" meta mark ${FIRST_MARK + index} snat to ${formatIpv4(publicAddress)}`],
    ),
    `  oifname "${INTERNET_LINK}" snat to ip saddr map @to-public`,
    "}",
  ];
}

function verdictOf(to: FabricRoute["to"], natGateways: readonly FabricNatGateway[]): string {
  if (to === "local") return "return";
  if (to === "internet") return "goto to-internet";
  if (to === "nowhere") return "counter drop";
  return natGateways.some(({ id }) => id === to.nat) ? `goto via-${to.nat}` : "counter drop";
}

/** A NAT gateway sends on what its own subnet's table leads to the internet; without a public address the internet gateway drops it all. */
function natChain(nat: FabricNatGateway, mark: number, tables: ReadonlyMap<string, FabricRouteTable>): string[] {
  const routes = nat.publicAddress === undefined ? [] : (tables.get(nat.routeTable)?.routes ?? []);
  return tableChain(`via-${nat.id}`, routes, ({ destination, to }) =>
    ruleTo(destination, to === "internet" ? `meta mark set ${mark} return` : "counter drop"),
  );
}

function ruleTo(destination: Cidr4, verdict: string): string {
  return `ip daddr ${formatCidr4(destination)} ${verdict}`;
}
