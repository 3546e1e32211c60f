import { formatIpv4, type Ipv4 } from "@slash28/address";

/** EC2's IP-based host name of a private address: `ip-10-0-1-7.ec2.internal`; other Regions carry their name (AWS: "EC2 instance hostnames"). */
export function privateDnsName(region: string, address: Ipv4): string {
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  return `ip-${formatIpv4(address).replaceAll(".", "-")}.${domain}`;
}

/** The host name of a public address: `ec2-198-18-0-9.compute-1.amazonaws.com`. */
export function publicDnsName(region: string, address: Ipv4): string {
  const domain = region === "us-east-1" ? "compute-1" : `${region}.compute`;
  return `ec2-${formatIpv4(address).replaceAll(".", "-")}.${domain}.amazonaws.com`;
}
