import { cidr6Has, formatCidr6, formatIpv6, type Cidr6, type EniId, type Ipv6 } from "@slash28/address";
import type { Ipv6Picker } from "../addresses/ipv6-picker.ts";
import type { Ipv6Space } from "../addresses/ipv6-space.ts";
import { address, invalidValue } from "../errors.ts";
import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import { countAsks, pickSome } from "./asked.ts";
import type { Ipv6Carry } from "./eni.ts";

/** IPv6 addresses and prefixes chosen, not yet taken. */
export interface ChosenIpv6 {
  readonly addresses: readonly Ipv6[];
  readonly prefixes: readonly Cidr6[];
}

export const NO_IPV6: ChosenIpv6 = { addresses: [], prefixes: [] };

/** Why the request itself is wrong. EC2 says it in these words (seen in Karpenter's issue 2187). `least`: 0 where none may be asked for. */
export function ipv6CarryFault(carry: Ipv6Carry, least: 0 | 1): Ec2Error | undefined {
  if (countAsks(carry) > 1) {
    return invalidValue("You can and can only specify one of ipv6-addresses or ipv6-addresses-count  ipv6-prefix and ipv6-prefix-count.");
  }
  const isWrong = (count: number | undefined): count is number => count !== undefined && !(Number.isInteger(count) && count >= least);
  if (isWrong(carry.addressCount)) return invalidValue(`Value (${carry.addressCount}) for parameter ipv6AddressCount is invalid.`);
  if (isWrong(carry.prefixCount)) return invalidValue(`Value (${carry.prefixCount}) for parameter ipv6PrefixCount is invalid.`);
  return undefined;
}

/** Chooses everything asked for, or refuses all of it. */
export function chooseIpv6(carry: Ipv6Carry, picker: Ipv6Picker): Ec2Result<ChosenIpv6> {
  if (carry.addressCount !== undefined) {
    const addresses = pickSome(carry.addressCount, () => picker.address());
    return addresses === undefined ? refuse(address.noneFree()) : ok({ addresses, prefixes: [] });
  }
  if (carry.prefixCount !== undefined) {
    const prefixes = pickSome(carry.prefixCount, () => picker.prefix());
    return prefixes === undefined ? refuse(address.noPrefixFree()) : ok({ addresses: [], prefixes });
  }
  const { addresses = [], prefixes = [] } = carry;
  const fault = nameAddresses(addresses, picker) ?? namePrefixes(prefixes, picker);
  return fault === undefined ? ok({ addresses, prefixes }) : refuse(fault);
}

function nameAddresses(wanted: readonly Ipv6[], picker: Ipv6Picker): Ec2Error | undefined {
  const { space } = picker;
  for (const ip of wanted) {
    const text = formatIpv6(ip);
    if (!cidr6Has(space.cidr, ip)) return invalidValue(`Address ${text} is not within subnet's range`);
    if (space.isReservedByAws(ip)) return invalidValue(`Address ${text} is in subnet's reserved address range`);
    if (picker.hasChosen(ip)) return address.twice(text);
    if (space.ownerOf(ip) !== undefined) return address.inUse();
    picker.choose(ip);
  }
  return undefined;
}

function namePrefixes(wanted: readonly Cidr6[], picker: Ipv6Picker): Ec2Error | undefined {
  const { space } = picker;
  for (const prefix of wanted) {
    const text = formatCidr6(prefix);
    if (!space.isPrefixHere(prefix)) return invalidValue(`${text} is not a /80 prefix within subnet's range`);
    if (picker.hasChosenIn(prefix)) return address.twice(text);
    if (!space.isWholeBlockFree(space.blockOf(prefix.base))) return address.inUse();
    picker.choosePrefix(prefix);
  }
  return undefined;
}

/** Writes chosen addresses down as an ENI's. */
export function holdIpv6(space: Ipv6Space | undefined, eniId: EniId, chosen: ChosenIpv6): void {
  for (const ip of chosen.addresses) space?.hold(eniId, ip);
  for (const prefix of chosen.prefixes) space?.holdPrefix(eniId, prefix);
}

export function dropIpv6(space: Ipv6Space | undefined, gone: ChosenIpv6): void {
  for (const ip of gone.addresses) space?.drop(ip);
  for (const prefix of gone.prefixes) space?.dropPrefix(prefix);
}
