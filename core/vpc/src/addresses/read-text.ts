import { parseCidr4Loose, parseIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
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
