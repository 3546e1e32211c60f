import { cidr4, ipv4 } from "@slash28/address";
import type { DnsReply } from "@slash28/cluster-dns";
import { expect, test } from "vitest";
import { answerVpcName, type VpcNames } from "../../src/resolver/index.ts";

const SITE = ipv4("198.51.100.80");
const names: VpcNames = {
  region: "us-east-1",
  vpcCidrs: [cidr4("10.0.0.0/16"), cidr4("100.64.0.0/16")],
  hasDnsSupport: true,
  hasDnsHostnames: true,
  publicAddresses: new Map([[ipv4("198.18.0.9"), ipv4("10.0.1.5")]]),
  outside: (name) => (name === "www.example.com" ? [SITE] : undefined),
  outsideNames: ["www.example.com"],
};

function said(reply: DnsReply | undefined): string {
  if (reply === undefined) return "nothing";
  const data = reply.answers.map((record) => ("address" in record ? record.address : "target" in record ? record.target : record.type));
  return [reply.rcode, ...data, ...reply.authority.map((record) => `; ${record.type}`)].join(" ");
}
const ask = (name: string, type = "A", more: Partial<VpcNames> = {}): string => said(answerVpcName({ ...names, ...more }, { name, type }));

test.each([
  ["ip-10-0-1-5.ec2.internal", "A", "NOERROR 10.0.1.5"],
  ["ip-100-64-3-4.ec2.internal", "A", "NOERROR 100.64.3.4"],
  ["ip-10-0-1-5.ec2.internal", "AAAA", "NOERROR ; SOA"],
  ["ip-10-9-1-5.ec2.internal", "A", "NXDOMAIN ; SOA"],
  ["ip-10-0-1-5.eu-west-1.compute.internal", "A", "NXDOMAIN ; SOA"],
  ["x.ip-10-0-1-5.ec2.internal", "A", "NXDOMAIN ; SOA"],
  ["ip-10-0-1.ec2.internal", "A", "NXDOMAIN ; SOA"],
  ["5.1.0.10.in-addr.arpa", "PTR", "NOERROR ip-10-0-1-5.ec2.internal"],
  ["5.1.9.10.in-addr.arpa", "PTR", "NXDOMAIN ; SOA"],
  ["5.1.0.10.in-addr.arpa", "A", "NOERROR ; SOA"],
  ["ec2-198-18-0-9.compute-1.amazonaws.com", "A", "NOERROR 10.0.1.5"],
  ["ec2-198-18-0-8.compute-1.amazonaws.com", "A", "NXDOMAIN ; SOA"],
  ["www.example.com", "A", "NOERROR 198.51.100.80"],
  ["www.example.com", "MX", "NOERROR ; SOA"],
  ["example.com", "A", "NOERROR ; SOA"],
  ["ec2.internal", "A", "NOERROR ; SOA"],
  ["nope.example.com", "A", "NXDOMAIN ; SOA"],
])("%s %s: %s", (name, type, wanted) => {
  expect(ask(name, type)).toBe(wanted);
});

test("elsewhere names bear the Region", () => {
  expect(ask("ip-10-0-1-5.eu-west-1.compute.internal", "A", { region: "eu-west-1" })).toBe("NOERROR 10.0.1.5");
  expect(ask("ec2-198-18-0-9.eu-west-1.compute.amazonaws.com", "A", { region: "eu-west-1" })).toBe("NOERROR 10.0.1.5");
});

test("the VPC's DNS attributes switch the resolver and public host names off", () => {
  expect(ask("www.example.com", "A", { hasDnsSupport: false })).toBe("nothing");
  expect(ask("ec2-198-18-0-9.compute-1.amazonaws.com", "A", { hasDnsHostnames: false })).toBe("NXDOMAIN ; SOA");
});
