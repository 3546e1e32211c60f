import { cidr4Equal, formatIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";
import { find } from "../cloud/find.ts";
import { addressesOf, pickerOf, type Decide, type State } from "../cloud/state.ts";
import { address, invalidValue, missing, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import { carryFault, carrySlots, chooseCarry, countAsks, refusalsOfAssign } from "./carry.ts";
import type { AssignAddressesInput, AssignedAddresses, Eni, UnassignAddressesInput } from "./eni.ts";
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
    for (const ip of addresses) take(state, eni, ip);
    for (const prefix of prefixes) addressesOf(state, eni.subnetId).holdPrefix(eniId, prefix);
    const kept = addresses.length === 0 ? eni.secondaryAddresses : eni.secondaryAddresses.filter((ip) => !addresses.includes(ip));
    const secondaryAddresses = [...kept, ...addresses];
    state.enis.put({ ...eni, secondaryAddresses, prefixes: prefixes.length === 0 ? eni.prefixes : [...eni.prefixes, ...prefixes] });
    return { eniId, addresses, prefixes };
  });
};

function roomFault(state: State, eni: Eni, carry: AssignAddressesInput["carry"]): Ec2Error | undefined {
  const more = carrySlots(carry);
  const alreadyHere = carry.addresses?.filter((ip) => eni.secondaryAddresses.includes(ip)).length ?? 0;
  const slots = slotsOf(eni) + more.addresses + more.prefixes - alreadyHere;
  return slotsFault(slots, more.prefixes, limitsOfEni(state, eni));
}

/** The limits of the instance an ENI is attached to. */
function limitsOfEni(state: State, eni: Eni): InstanceLimits | undefined {
  if (eni.attachment === undefined) return undefined;
  const instance = state.instances.get(eni.attachment.instanceId);
  return instance === undefined ? undefined : state.limitsOf(instance.type);
}

/** Held addresses move only when the caller allows it, and only when they are secondary ones: not primary, not inside a prefix. */
function moveFault(state: State, eni: Eni, held: readonly Ipv4[], mayReassign: boolean): Ec2Error | undefined {
  const holders = addressesOf(state, eni.subnetId);
  const inPrefixes = held.filter((ip) => holders.holderOf(ip) === undefined);
  if (!mayReassign || inPrefixes.length > 0) return address.mayNotMove((mayReassign ? inPrefixes : held).map(formatIpv4));
  const primary = held.filter((ip) => holderOf(state, eni, ip)?.primaryAddress === ip);
  return primary.length > 0 ? address.isPrimary(primary) : undefined;
}

function holderOf(state: State, eni: Eni, ip: Ipv4): Eni | undefined {
  const holder = addressesOf(state, eni.subnetId).holderOf(ip);
  return holder === undefined ? undefined : state.enis.get(holder);
}

/** Takes a free address, or takes it off the ENI that has it. */
function take(state: State, eni: Eni, ip: Ipv4): void {
  const holder = holderOf(state, eni, ip);
  if (holder === undefined) return addressesOf(state, eni.subnetId).hold(eni.id, ip);
  if (holder.id === eni.id) return;
  addressesOf(state, eni.subnetId).pass(eni.id, ip);
  state.enis.put({ ...holder, secondaryAddresses: holder.secondaryAddresses.filter((other) => other !== ip) });
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
  const goneAddresses = [...new Set(addresses)];
  const isHere = (prefix: Cidr4) => eni.prefixes.some((own) => cidr4Equal(own, prefix));
  if (!goneAddresses.every((ip) => eni.secondaryAddresses.includes(ip)) || !prefixes.every(isHere)) {
    return refuse(address.notAssigned(eniId));
  }
  const gonePrefixes = eni.prefixes.filter((own) => prefixes.some((prefix) => cidr4Equal(own, prefix)));
  return ok(() => {
    const holders = addressesOf(state, eni.subnetId);
    for (const ip of goneAddresses) holders.drop(ip);
    for (const prefix of gonePrefixes) holders.dropPrefix(prefix);
    state.enis.put({
      ...eni,
      secondaryAddresses: eni.secondaryAddresses.filter((ip) => !goneAddresses.includes(ip)),
      prefixes: eni.prefixes.filter((own) => !gonePrefixes.includes(own)),
    });
  });
};
