import { cidr4Equal, formatIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";
import { find } from "../cloud/find.ts";
import { addressesOf, heldBy, pickerOf, type Decide, type EniRecord, type State } from "../cloud/state.ts";
import { address, invalidValue, missing, unknown } from "../errors.ts";
import { dropElastic, moveElastic } from "../public-addresses/release.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import { carrySlots, countAsks } from "./asked.ts";
import { carryFault, chooseCarry, holdCarry, refusalsOfAssign } from "./carry.ts";
import type { AssignAddressesInput, AssignedAddresses, UnassignAddressesInput } from "./eni.ts";
import { slotsFault, slotsOf } from "./slots.ts";

/** Puts secondary addresses or prefixes on an ENI: all that is asked for, or nothing. */
export const assignAddresses: Decide<AssignAddressesInput, AssignedAddresses> = (state, input) => {
  const { eniId, carry, mayReassign = false } = input;
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  const eni = found.value;
  const fault = (countAsks(carry) === 0 ? missing("privateIpAddresses") : undefined) ?? carryFault(carry) ?? roomFault(state, eni, carry);
  if (fault !== undefined) return refuse(fault);
  const refusals = refusalsOfAssign((held) => moveFault(state, eni, held, mayReassign));
  const chosen = chooseCarry(carry, pickerOf(state, eni.subnetId), refusals);
  if (!chosen.ok) return chosen;
  const { addresses, prefixes } = chosen.value;
  return ok(() => {
    const named = carry.addresses === undefined ? undefined : comeHere(state, eni, addresses);
    holdCarry(addressesOf(state, eni.subnetId), eniId, { addresses: named ?? addresses, prefixes });
    state.touched.push(eniId);
    return { eniId, addresses, prefixes };
  });
};

function roomFault(state: State, eni: EniRecord, carry: AssignAddressesInput["carry"]): Ec2Error | undefined {
  const more = carrySlots(carry);
  const held = heldBy(state, eni);
  const alreadyHere = carry.addresses?.filter((ip) => held.secondaryAddresses.includes(ip)).length ?? 0;
  const slots = slotsOf(held) + more.addresses + more.prefixes - alreadyHere;
  return slotsFault(slots, more.prefixes, limitsOfEni(state, eni));
}

/** The limits of the instance an ENI is attached to. */
export function limitsOfEni(state: State, eni: EniRecord): InstanceLimits | undefined {
  if (eni.attachment === undefined) return undefined;
  const instance = state.instances.get(eni.attachment.instanceId);
  return instance === undefined ? undefined : state.limitsOf(instance.type);
}

/** Held addresses move only when the caller allows it, and only when they are secondary ones: not primary, not inside a prefix. */
function moveFault(state: State, eni: EniRecord, held: readonly Ipv4[], mayReassign: boolean): Ec2Error | undefined {
  const holders = addressesOf(state, eni.subnetId);
  const inPrefixes = held.filter((ip) => holders.holderOf(ip) === undefined);
  if (!mayReassign || inPrefixes.length > 0) return address.mayNotMove((mayReassign ? inPrefixes : held).map(formatIpv4));
  const primary = held.filter((ip) => holderOf(state, eni, ip)?.primaryAddress === ip);
  return primary.length > 0 ? address.isPrimary(primary) : undefined;
}

function holderOf(state: State, eni: EniRecord, ip: Ipv4): EniRecord | undefined {
  const holder = addressesOf(state, eni.subnetId).holderOf(ip);
  return holder === undefined ? undefined : state.enis.get(holder);
}

/** Frees those of the named addresses that other ENIs hold; answers the ones that are not on this ENI yet. */
function comeHere(state: State, eni: EniRecord, named: readonly Ipv4[]): readonly Ipv4[] {
  const addresses = addressesOf(state, eni.subnetId);
  return named.filter((ip) => {
    const holder = addresses.holderOf(ip);
    if (holder === undefined) return true;
    if (holder === eni.id) return false;
    addresses.drop(holder, ip);
    moveElastic(state, ip, holder, eni.id);
    state.touched.push(holder);
    return true;
  });
}

/** Takes secondary addresses or prefixes off an ENI; a prefix only as it was given. */
export const unassignAddresses: Decide<UnassignAddressesInput, void> = (state, { eniId, addresses = [], prefixes = [] }) => {
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  const eni = found.value;
  if (addresses.length + prefixes.length === 0) return refuse(missing("privateIpAddresses"));
  if (addresses.includes(eni.primaryAddress)) {
    return refuse(invalidValue(`The primary address ${formatIpv4(eni.primaryAddress)} of interface ${eniId} cannot be unassigned`));
  }
  const held = heldBy(state, eni);
  const goneAddresses = [...new Set(addresses)];
  const gonePrefixes = held.prefixes.filter((own) => prefixes.some((prefix) => cidr4Equal(own, prefix)));
  const isHere = (prefix: Cidr4) => gonePrefixes.some((own) => cidr4Equal(own, prefix));
  if (!goneAddresses.every((ip) => held.secondaryAddresses.includes(ip)) || !prefixes.every(isHere)) {
    return refuse(address.notAssigned(eniId));
  }
  return ok(() => {
    const holders = addressesOf(state, eni.subnetId);
    for (const ip of goneAddresses) {
      dropElastic(state, eniId, ip);
      holders.drop(eniId, ip);
    }
    for (const prefix of gonePrefixes) holders.dropPrefix(eniId, prefix);
    state.touched.push(eniId);
  });
};
