import { cidr4Contains, cidr4Has, formatCidr4, formatIpv4, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import type { AddressPicker } from "../addresses/address-picker.ts";
import { PREFIX_LENGTH } from "../addresses/address-space.ts";
import { address, invalidCombination, invalidValue } from "../errors.ts";
import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import { countAsks, pickSome } from "./asked.ts";
import type { Carry } from "./eni.ts";

/** Chosen, not yet taken. */
export interface ChosenCarry {
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
}

/** The words in which a call says that nothing is left; the two calls differ (observed on EC2). */
export interface CarryRefusals {
  readonly noPrefixFree: () => Ec2Error;
  /** What it says to an address or prefix that is held. `undefined` lets it pass: the address moves. */
  readonly held: (what: readonly Ipv4[]) => Ec2Error | undefined;
  readonly heldPrefix: (what: Cidr4) => Ec2Error;
}

/** Why the request itself is wrong, whatever the subnet has. */
export function carryFault(carry: Carry): Ec2Error | undefined {
  if (countAsks(carry) > 1) {
    return invalidCombination(
      "Only one of the private IP addresses, secondary private IP address count, prefixes or prefix count may be specified.",
    );
  }
  return countFault("secondaryPrivateIpAddressCount", carry.addressCount) ?? countFault("ipv4PrefixCount", carry.prefixCount);
}

function countFault(parameter: string, count: number | undefined): Ec2Error | undefined {
  if (count === undefined || (Number.isInteger(count) && count > 0)) return undefined;
  return invalidValue(`Value (${count}) for parameter ${parameter} is invalid. It must be a positive number.`);
}

/** Chooses everything asked for, or refuses all of it. */
export function chooseCarry(carry: Carry, picker: AddressPicker, refusals: CarryRefusals): Ec2Result<ChosenCarry> {
  if (carry.addressCount !== undefined) {
    const addresses = pickSome(carry.addressCount, () => picker.address());
    return addresses === undefined ? refuse(address.noneFree()) : ok({ addresses, prefixes: [] });
  }
  if (carry.prefixCount !== undefined) {
    const prefixes = pickSome(carry.prefixCount, () => picker.prefix());
    return prefixes === undefined ? refuse(refusals.noPrefixFree()) : ok({ addresses: [], prefixes });
  }
  const fault = nameAddresses(carry.addresses ?? [], picker, refusals) ?? namePrefixes(carry.prefixes ?? [], picker, refusals);
  return fault === undefined ? ok({ addresses: carry.addresses ?? [], prefixes: carry.prefixes ?? [] }) : refuse(fault);
}

/** Chooses the addresses a caller named; the reason why not, if so. */
export function nameAddresses(wanted: readonly Ipv4[], picker: AddressPicker, refusals: Pick<CarryRefusals, "held">): Ec2Error | undefined {
  const { space } = picker;
  for (const ip of wanted) {
    if (!cidr4Has(space.cidr, ip)) return address.outside(ip);
    if (space.isReservedByAws(ip)) return address.reserved(ip);
    if (picker.hasChosen(ip)) return address.twice(formatIpv4(ip));
    picker.choose(ip);
  }
  const held = wanted.filter((ip) => space.isTaken(ip));
  return held.length === 0 ? undefined : refusals.held(held);
}

function namePrefixes(wanted: readonly Cidr4[], picker: AddressPicker, refusals: CarryRefusals): Ec2Error | undefined {
  const { space } = picker;
  for (const prefix of wanted) {
    if (prefix.length !== PREFIX_LENGTH || !cidr4Contains(space.cidr, prefix)) return address.badPrefix(prefix);
    if (picker.hasChosenIn(prefix)) return address.twice(formatCidr4(prefix));
    if (!space.isWholeBlockFree(prefix)) return refusals.heldPrefix(prefix);
    picker.choosePrefix(prefix);
  }
  return undefined;
}

/** Passes no held address on: what CreateNetworkInterface and RunInstances say. */
export const REFUSALS_OF_NEW_ENI: CarryRefusals = {
  noPrefixFree: address.noPrefixForNewEni,
  held: address.inUse,
  heldPrefix: address.inUse,
};

/** What AssignPrivateIpAddresses says; `held` decides about moves. */
export function refusalsOfAssign(held: CarryRefusals["held"]): CarryRefusals {
  return { noPrefixFree: address.noPrefixFree, held, heldPrefix: (prefix) => address.mayNotMove([formatCidr4(prefix)]) };
}

/** Writes chosen addresses down as an ENI's. */
export function holdCarry(
  addresses: { hold(eniId: EniId, address: Ipv4): void; holdPrefix(eniId: EniId, prefix: Cidr4): void },
  eniId: EniId,
  chosen: ChosenCarry,
): void {
  for (const ip of chosen.addresses) addresses.hold(eniId, ip);
  for (const prefix of chosen.prefixes) addresses.holdPrefix(eniId, prefix);
}
