import { formatIpv4, type Ipv4 } from "@slash28/address";

const TABLE = "slash28-resolver";
/** EC2's hard limit for the resolver, per network interface. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html#vpc-dns-limits */
const PACKETS_PER_SECOND = 1_024;

/** nftables rules of the router: what an ENI sends to the resolver beyond the limit is dropped, as on EC2, without a word. */
export function resolverLimit(addresses: readonly Ipv4[]): string {
  return `${[
    `add table ip ${TABLE}`,
    `delete table ip ${TABLE}`,
    `table ip ${TABLE} {`,
    "  set asking { type ifname; flags dynamic; }",
    "  counter over-limit { }",
    "  chain input { type filter hook input priority filter; policy accept;",
    `    ip daddr { ${addresses.map(formatIpv4).join(", ")} } th dport 53 update @asking { iifname limit rate over ${PACKETS_PER_SECOND}/second burst ${PACKETS_PER_SECOND} packets } counter name over-limit drop`,
    "  }",
    "}",
  ].join("\n")}\n`;
}
