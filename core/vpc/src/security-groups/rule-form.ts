import { formatCidr4, formatCidr6 } from "@slash28/address";
import { invalidValue } from "../errors.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import type { RulePeer, RuleSpec } from "./security-group.ts";

/** IANA numbers that EC2 answers by name. */
const NAMES: Readonly<Record<string, string>> = { "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", all: "-1" };
const NAMED = new Set(["-1", "tcp", "udp", "icmp", "icmpv6"]);
const PORT_MAX = 65_535;
const DESCRIPTION_MAX = 255;

/** A rule as EC2 keeps it: protocol by name, ports only where the protocol has them. */
export function readRule(spec: RuleSpec): Ec2Result<RuleSpec> {
  const lower = spec.protocol.toLowerCase();
  const protocol = NAMES[lower] ?? lower;
  if (!NAMED.has(protocol) && !isProtocolNumber(protocol)) {
    return refuse(invalidValue(`Invalid value '${spec.protocol}' for IP protocol. Unknown protocol.`));
  }
  if ((spec.description ?? "").length > DESCRIPTION_MAX) {
    return refuse(invalidValue(`Invalid rule description. Descriptions must be less than ${DESCRIPTION_MAX + 1} characters.`));
  }
  const rest = { peer: spec.peer, ...(spec.description === undefined ? {} : { description: spec.description }) };
  if (protocol === "tcp" || protocol === "udp") return withPorts(protocol, spec, rest);
  if (protocol === "icmp" || protocol === "icmpv6") {
    return ok({ protocol, fromPort: spec.fromPort ?? -1, toPort: spec.toPort ?? -1, ...rest });
  }
  return ok({ protocol, ...rest });
}

function withPorts(protocol: string, spec: RuleSpec, rest: Pick<RuleSpec, "peer" | "description">): Ec2Result<RuleSpec> {
  const { fromPort, toPort } = spec;
  if (fromPort === undefined || toPort === undefined) {
    return refuse(invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."));
  }
  if (fromPort < 0 || toPort > PORT_MAX || fromPort > toPort) {
    return refuse(invalidValue(`Invalid TCP/UDP port range (${fromPort}:${toPort})`));
  }
  return ok({ protocol, fromPort, toPort, ...rest });
}

function isProtocolNumber(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 255;
}

/** What makes two rules of one direction the same: all but the description. */
export function ruleKey(rule: RuleSpec): string {
  return `${rule.protocol} ${rule.fromPort ?? ""} ${rule.toPort ?? ""} ${peerText(rule.peer)}`;
}

export function peerText(peer: RulePeer): string {
  switch (peer.kind) {
    case "cidr4":
      return formatCidr4(peer.cidr);
    case "cidr6":
      return formatCidr6(peer.cidr);
    case "group":
      return peer.groupId;
    case "prefix-list":
      return peer.prefixListId;
    default:
      return peer satisfies never;
  }
}

/** The rule in the words of EC2's refusals. */
export function ruleText(rule: RuleSpec): string {
  const protocol = rule.protocol === "-1" ? "ALL" : rule.protocol.toUpperCase();
  const ports = rule.fromPort === undefined ? "" : `, from port: ${rule.fromPort}, to port: ${rule.toPort}`;
  return `peer: ${peerText(rule.peer)}, ${protocol}${ports}, ALLOW`;
}
