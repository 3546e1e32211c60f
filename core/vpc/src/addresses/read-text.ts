import {
  parseCidr4Loose,
  parseCidr6Loose,
  parseIpv4,
  parseIpv6,
  type Cidr4,
  type Cidr6,
  type CidrRange,
  type Ipv4,
  type Ipv6,
} from "@slash28/address";
import { ok, refuse, type Ec2Result } from "../result.ts";

/** Reads an address a caller wrote, or refuses it as EC2 does. */
export function readAddress(text: string): Ec2Result<Ipv4> {
  const address = parseIpv4(text);
  if (address !== undefined) return ok(address);
  return refuse({ code: "InvalidParameterValue", message: `invalid value for parameter address: ${text}` });
}

/** Reads a range a caller wrote; EC2 clears host bits (10.0.1.7/24 is 10.0.1.0/24) and so does this. `parameter` is the name to complain of. */
export function readCidr(text: string, parameter: string): Ec2Result<Cidr4> {
  const range = parseCidr4Loose(text);
  if (range !== undefined) return ok(range);
  const message = `Value (${text}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`;
  return refuse({ code: "InvalidParameterValue", message });
}

export function readIpv6(text: string): Ec2Result<Ipv6> {
  const address = parseIpv6(text);
  if (address !== undefined) return ok(address);
  return refuse({ code: "InvalidParameterValue", message: `invalid value for parameter ipv6Address: ${text}` });
}

/** Reads an IPv6 range, clearing host bits. */
export function readCidr6(text: string, parameter: string): Ec2Result<Cidr6> {
  const range = parseCidr6Loose(text);
  if (range !== undefined) return ok(range);
  const message = `Value (${text}) for parameter ${parameter} is invalid. This is not a valid IPv6 CIDR block.`;
  return refuse({ code: "InvalidParameterValue", message });
}

/** Reads a range of either family, clearing host bits; only IPv6 text has a colon. */
export function readCidrRange(text: string, parameter: string): Ec2Result<CidrRange> {
  return text.includes(":") ? readCidr6(text, parameter) : readCidr(text, parameter);
}
