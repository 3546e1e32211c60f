import { cidr4, ipv4 } from "@slash28/address";

/** Beyond the VPC: ranges that documentation and benchmarks own (RFC 5737, RFC 2544), so that nothing real can be meant. */
export const INTERNET = {
  /** Where instances find EC2 and its neighbours. */
  aws: ipv4("198.51.100.10"),
  /** The cluster's public endpoint. */
  kubernetes: ipv4("198.51.100.20"),
  /** A web site, for whoever asks whether the internet is there. */
  site: ipv4("198.51.100.80"),
  /** Public addresses of instances come from here; the internet's way back leads to the router. */
  publicPool: cidr4("198.18.0.0/16"),
  routerSide: ipv4("192.0.2.1"),
  internetSide: ipv4("192.0.2.2"),
  linkLength: 30,
} as const;

/** The instance metadata service, as every instance sees it. */
export const METADATA_ADDRESS = ipv4("169.254.169.254");

/** EC2's jumbo frames inside a VPC. */
export const VPC_MTU = 9001;
