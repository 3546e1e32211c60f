import { cidr4Has, formatIpv4, parseIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import {
  addressOfReverse,
  bareReply,
  isWithin,
  labelsInside,
  type DnsName,
  type DnsQuestion,
  type DnsRecord,
  type DnsReply,
} from "@slash28/cluster-dns";

/** What the VPC's resolver knows. */
export interface VpcNames {
  readonly region: string;
  readonly vpcCidrs: readonly Cidr4[];
  /** `enableDnsSupport`: without it the resolver says nothing. */
  readonly hasDnsSupport: boolean;
  /** `enableDnsHostnames`: public host names exist. */
  readonly hasDnsHostnames: boolean;
  /** Private address by the public one, of instances of this VPC; asked for public host names alone. */
  readonly publicAddresses: Pick<ReadonlyMap<Ipv4, Ipv4>, "get">;
  /** What lies beyond the VPC, and what the lab gives names to itself: the addresses behind a name. */
  readonly outside: (name: DnsName) => readonly Ipv4[] | undefined;
  /** Names of the internet that never change. */
  readonly outsideNames: readonly DnsName[];
}

/** EC2's own times to live. */
const TTL_SECONDS = 60;

/**
 * What Amazon's resolver answers in a VPC: private host names of every address of the VPC, public host names of its instances, both
 * ways, and names of the internet. A public host name leads to the private address, because the question comes from inside.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
 */
export function answerVpcName(names: VpcNames, question: DnsQuestion): DnsReply | undefined {
  if (!names.hasDnsSupport) return undefined;
  const { name, type } = question;
  const address = addressOfReverse(name);
  if (address !== undefined) return reverse(names, question, address);
  const found = privateAddress(names, name) ?? publicAddress(names, name);
  if (found !== undefined)
    return records(names, question, type === "A" ? [{ type: "A", name, ttl: TTL_SECONDS, address: formatIpv4(found) }] : []);
  const outside = names.outside(name);
  if (outside !== undefined) {
    return records(
      names,
      question,
      type === "A" ? outside.map((one) => ({ type: "A", name, ttl: TTL_SECONDS, address: formatIpv4(one) })) : [],
    );
  }
  // A name above one that exists does exist, without records (RFC 8020).
  const isAbove = [privateDomain(names), publicDomain(names), ...names.outsideNames].some((below) => isWithin(below, name));
  return isAbove ? records(names, question, []) : { ...bareReply("NXDOMAIN"), authority: [authority(names, name)] };
}

function privateDomain({ region }: VpcNames): DnsName {
  return region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
}

function publicDomain({ region }: VpcNames): DnsName {
  return region === "us-east-1" ? "compute-1.amazonaws.com" : `${region}.compute.amazonaws.com`;
}

function privateAddress(names: VpcNames, name: DnsName): Ipv4 | undefined {
  const address = addressInLabel(name, privateDomain(names), "ip");
  return address !== undefined && names.vpcCidrs.some((cidr) => cidr4Has(cidr, address)) ? address : undefined;
}

function publicAddress(names: VpcNames, name: DnsName): Ipv4 | undefined {
  const address = names.hasDnsHostnames ? addressInLabel(name, publicDomain(names), "ec2") : undefined;
  return address === undefined ? undefined : names.publicAddresses.get(address);
}

/** `ip-10-0-1-5` and `ec2-198-18-0-9`, directly below a domain. */
function addressInLabel(name: DnsName, domain: DnsName, prefix: string): Ipv4 | undefined {
  if (!isWithin(name, domain)) return undefined;
  const [label = "", ...more] = labelsInside(name, domain);
  return more.length === 0 && label.startsWith(`${prefix}-`) ? parseIpv4(label.slice(prefix.length + 1).replaceAll("-", ".")) : undefined;
}

function reverse(names: VpcNames, question: DnsQuestion, text: string): DnsReply {
  const address = parseIpv4(text);
  if (address === undefined || !names.vpcCidrs.some((cidr) => cidr4Has(cidr, address))) {
    return { ...bareReply("NXDOMAIN"), authority: [authority(names, question.name)] };
  }
  const target = `ip-${text.replaceAll(".", "-")}.${privateDomain(names)}`;
  return records(names, question, question.type === "PTR" ? [{ type: "PTR", name: question.name, ttl: TTL_SECONDS, target }] : []);
}

function records(names: VpcNames, { name }: DnsQuestion, answers: readonly DnsRecord[]): DnsReply {
  return { ...bareReply("NOERROR"), answers, authority: answers.length > 0 ? [] : [authority(names, name)] };
}

/** Of the zone a name would be in: what does not exist is remembered by it. */
function authority(names: VpcNames, name: DnsName): DnsRecord {
  const zone = [privateDomain(names), publicDomain(names), "in-addr.arpa"].find((one) => isWithin(name, one)) ?? "";
  const timers = { serial: 1, refresh: 7_200, retry: 900, expire: 1_209_600, minimum: TTL_SECONDS };
  return { type: "SOA", name: zone, ttl: TTL_SECONDS, mname: "ns0.slash28.internal", rname: "hostmaster.slash28.internal", ...timers };
}
