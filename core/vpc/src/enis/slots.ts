import type { InstanceLimits } from "@slash28/limits";
import type { Held } from "../addresses/subnet-addresses.ts";
import { atLimit, invalidCombination } from "../errors.ts";
import type { Ec2Error } from "../result.ts";

/** No instance type gives an ENI more; what an unattached ENI is held to (AWS does not say what it may hold). */
const SLOTS_MAX = 50;

/** IPv4 slots in use: the primary address, secondary addresses and prefixes take one each (AWS: "Assign prefixes to ENIs"). */
export function slotsOf(held: Held): number {
  return 1 + held.secondaryAddresses.length + held.prefixes.length;
}

/** Why an ENI on an instance with these limits, or on none, may not hold this much, if so. */
export function slotsFault(slots: number, prefixes: number, limits: InstanceLimits | undefined): Ec2Error | undefined {
  return slots > slotsMax(limits) ? atLimit.slots() : prefixFault(prefixes, limits);
}

/** IPv6 has a limit of its own, as high as that of IPv4, of which a prefix takes one as an address does (AWS: "IP addresses per network interface"). */
export function ipv6SlotsFault(slots: number, prefixes: number, limits: InstanceLimits | undefined): Ec2Error | undefined {
  return slots > slotsMax(limits) ? atLimit.ipv6Slots() : prefixFault(prefixes, limits);
}

function slotsMax(limits: InstanceLimits | undefined): number {
  return limits?.ipv4PerEni ?? SLOTS_MAX;
}

function prefixFault(prefixes: number, limits: InstanceLimits | undefined): Ec2Error | undefined {
  if (prefixes === 0 || limits === undefined || limits.hypervisor === "nitro" || limits.bareMetal) return undefined;
  return invalidCombination(`Prefixes are not supported on instance type ${limits.type}: it is not built on the Nitro System.`);
}
