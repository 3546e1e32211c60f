import { cidr4, cidr6, ipv4, ipv6 } from "@slash28/address";

/** Beyond the VPC: ranges that documentation and benchmarks own (RFC 5737, RFC 2544), so that nothing real can be meant. */
export const INTERNET = {
  /** Where instances find EC2 and its neighbours. */
  aws: ipv4("198.51.100.10"),
  /** The cluster's public endpoint. */
  kubernetes: ipv4("198.51.100.20"),
  /** The public endpoints of other clusters, one address each. */
  clusters: cidr4("198.51.100.128/25"),
  /** A web site, for whoever asks whether the internet is there. */
  site: ipv4("198.51.100.80"),
  /** Public addresses of instances come from here; the internet's way back leads to the router. */
  publicPool: cidr4("198.18.0.0/16"),
  routerSide: ipv4("192.0.2.1"),
  internetSide: ipv4("192.0.2.2"),
  linkLength: 30,
} as const;

/** The same with IPv6 (RFC 3849). */
export const INTERNET_IPV6 = {
  /** Endpoints of IPv6 clusters, as many as those of the others. */
  clusters: cidr6("2001:db8:51:101::80/121"),
  site: ipv6("2001:db8:51:100::80"),
  /** VPCs have their blocks from here; the internet's way back leads to the router. */
  pool: cidr6("2001:db8:8000::/33"),
  routerSide: ipv6("2001:db8:2::1"),
  internetSide: ipv6("2001:db8:2::2"),
  linkLength: 126,
} as const;

/** The router as every link sees it: what an instance's default route of IPv6 leads to. */
export const ROUTER_LINK_LOCAL = ipv6("fe80::1");

/** The instance metadata service, as every instance sees it. */
export const METADATA_ADDRESS = ipv4("169.254.169.254");

/** EC2's jumbo frames inside a VPC. */
export const VPC_MTU = 9001;
