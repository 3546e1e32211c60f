import { cidr4, cidr4Contains, cidr4Overlaps, cidr6, formatCidr4, formatCidr6, parseCidr4, type Cidr4 } from "@slash28/address";
import { invalidParameter } from "../errors.ts";
import { ok, refuse, type EksResult } from "../result.ts";
import type { NetworkConfig } from "../state.ts";
import { USUAL_SERVICE_RANGES } from "./service-range.ts";

/** `kubernetesNetworkConfig` as requests have it. */
export interface NetworkConfigInput {
  readonly serviceIpv4Cidr?: string | undefined;
  readonly ipFamily?: string | undefined;
}

const PRIVATE: readonly Cidr4[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((text) => cidr4(text));
const LONGEST = 24;
const SHORTEST = 12;

/**
 * The service range of a new cluster (EKS API Reference, KubernetesNetworkConfigRequest). IPv4: private, between /24 and /12, apart from the VPC;
 * when none is named, one of the usual ones that is apart. IPv6: a unique local /108 of EKS's own choosing.
 * @param uuid what the IPv6 range follows from
 */
export function newNetworkConfig(input: NetworkConfigInput, vpcCidrs: readonly string[], uuid: string): EksResult<NetworkConfig> {
  const { ipFamily = "ipv4", serviceIpv4Cidr } = input;
  switch (ipFamily) {
    case "ipv6":
      if (serviceIpv4Cidr !== undefined) {
        return refuse(invalidParameter("serviceIpv4Cidr cannot be specified when ipFamily is ipv6: EKS assigns the service range"));
      }
      return ok({ ipFamily, serviceIpv6Cidr: uniqueLocalRange(uuid) });
    case "ipv4":
      return serviceIpv4Cidr === undefined
        ? ok({ ipFamily, serviceIpv4Cidr: usualRange(vpcCidrs) })
        : namedRange(serviceIpv4Cidr, vpcCidrs);
    default:
      return refuse(invalidParameter(`ipFamily must be one of [ipv4, ipv6], and is ${ipFamily}`));
  }
}

function namedRange(text: string, vpcCidrs: readonly string[]): EksResult<NetworkConfig> {
  const range = parseCidr4(text);
  if (range === undefined) return refuse(invalidParameter(`Invalid serviceIpv4Cidr: ${text} is not an IPv4 CIDR block`));
  if (!PRIVATE.some((block) => cidr4Contains(block, range))) {
    return refuse(invalidParameter("Invalid serviceIpv4Cidr: it must be within 10.0.0.0/8, 172.16.0.0/12, or 192.168.0.0/16"));
  }
  if (range.length > LONGEST || range.length < SHORTEST) {
    return refuse(invalidParameter(`Invalid serviceIpv4Cidr: its netmask must be between /${LONGEST} and /${SHORTEST}`));
  }
  const other = vpcCidrs.find((cidr) => cidr4Overlaps(range, cidr4(cidr)));
  if (other !== undefined) return refuse(invalidParameter(`Invalid serviceIpv4Cidr: ${text} overlaps with VPC CIDR block ${other}`));
  return ok({ ipFamily: "ipv4", serviceIpv4Cidr: text });
}

function usualRange(vpcCidrs: readonly string[]): string {
  const [first, second] = USUAL_SERVICE_RANGES;
  return formatCidr4(vpcCidrs.some((cidr) => cidr4Overlaps(first, cidr4(cidr))) ? second : first);
}

/** `fdXX:XXXX:XXXX::/108`: a unique local prefix (RFC 4193) of 40 bits taken from the UUID. */
function uniqueLocalRange(uuid: string): string {
  const hex = uuid.replaceAll("-", "");
  return formatCidr6(cidr6(`fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6, 10)}::/108`));
}
