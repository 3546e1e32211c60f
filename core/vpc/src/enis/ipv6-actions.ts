import { cidr6Equal, type Cidr6 } from "@slash28/address";
import { find } from "../cloud/find.ts";
import { ipv6PickerOf, type Decide, type EniRecord, type State } from "../cloud/state.ts";
import { address, invalidValue, missing, noIpv6Cidr, unknown } from "../errors.ts";
import { ok, refuse } from "../result.ts";
import { limitsOfEni } from "./assign-actions.ts";
import { carrySlots, countAsks } from "./asked.ts";
import type { AssignedIpv6Addresses, AssignIpv6AddressesInput, UnassignIpv6AddressesInput } from "./eni.ts";
import { chooseIpv6, dropIpv6, holdIpv6, ipv6CarryFault } from "./ipv6-carry.ts";
import { ipv6SlotsFault } from "./slots.ts";

/** Puts IPv6 addresses or prefixes on an ENI: all that is asked for, or nothing. */
export const assignIpv6Addresses: Decide<AssignIpv6AddressesInput, AssignedIpv6Addresses> = (state, { eniId, carry }) => {
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  const eni = found.value;
  const fault = (countAsks(carry) === 0 ? missing("ipv6Addresses") : undefined) ?? ipv6CarryFault(carry, 1) ?? roomFault(state, eni, carry);
  if (fault !== undefined) return refuse(fault);
  const picker = ipv6PickerOf(state, eni.subnetId);
  if (picker === undefined) return refuse(noIpv6Cidr(eni.subnetId));
  const chosen = chooseIpv6(carry, picker);
  if (!chosen.ok) return chosen;
  const { addresses, prefixes } = chosen.value;
  return ok(() => {
    holdIpv6(picker.space, eniId, chosen.value);
    const now = state.enis.get(eniId) ?? eni;
    state.enis.put({ ...now, ipv6Addresses: [...now.ipv6Addresses, ...addresses], ipv6Prefixes: [...now.ipv6Prefixes, ...prefixes] });
    return { eniId, addresses, prefixes };
  });
};

function roomFault(state: State, eni: EniRecord, carry: AssignIpv6AddressesInput["carry"]) {
  const more = carrySlots(carry);
  const slots = eni.ipv6Addresses.length + eni.ipv6Prefixes.length + more.addresses + more.prefixes;
  return ipv6SlotsFault(slots, more.prefixes, limitsOfEni(state, eni));
}

/** Takes IPv6 addresses or prefixes off an ENI; a prefix only as it was given. */
export const unassignIpv6Addresses: Decide<UnassignIpv6AddressesInput, AssignedIpv6Addresses> = (state, input) => {
  const { eniId, addresses = [], prefixes = [] } = input;
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  const eni = found.value;
  if (addresses.length + prefixes.length === 0) return refuse(missing("ipv6Addresses"));
  const isGonePrefix = (own: Cidr6): boolean => prefixes.some((prefix) => cidr6Equal(own, prefix));
  const gone = { addresses: [...new Set(addresses)], prefixes: eni.ipv6Prefixes.filter(isGonePrefix) };
  const areAllHere =
    gone.addresses.every((ip) => eni.ipv6Addresses.includes(ip)) &&
    prefixes.every((prefix) => gone.prefixes.some((own) => cidr6Equal(own, prefix)));
  if (!areAllHere) return refuse(address.notAssigned(eniId));
  const [first] = eni.ipv6Addresses;
  if (eni.hasPrimaryIpv6 === true && first !== undefined && gone.addresses.includes(first)) {
    return refuse(invalidValue(`The primary IPv6 address of interface ${eniId} cannot be unassigned`));
  }
  return ok(() => {
    dropIpv6(state.ipv6Addresses.get(eni.subnetId), gone);
    state.enis.put({
      ...eni,
      ipv6Addresses: eni.ipv6Addresses.filter((ip) => !gone.addresses.includes(ip)),
      ipv6Prefixes: eni.ipv6Prefixes.filter((own) => !isGonePrefix(own)),
    });
    return { eniId, ...gone };
  });
};
