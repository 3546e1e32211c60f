import type { EniId, Ipv4, SecurityGroupId } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";
import type { AddressPicker } from "../addresses/address-picker.ts";
import type { Ipv6Picker } from "../addresses/ipv6-picker.ts";
import { addressesOf, type EniRecord, type State, type SubnetRecord } from "../cloud/state.ts";
import { address, atLimit, noIpv6Cidr, refusal } from "../errors.ts";
import { dropElastic } from "../public-addresses/release.ts";
import { ok, refuse, type Ec2Error, type Ec2Result, type Millis } from "../result.ts";
import type { Tags } from "../tags/tag.ts";
import { carrySlots, countAsks } from "./asked.ts";
import { carryFault, chooseCarry, holdCarry, nameAddresses, REFUSALS_OF_NEW_ENI, type ChosenCarry } from "./carry.ts";
import type { ConnectionTracking } from "./connection-tracking.ts";
import type { Carry, EniKind, EniRequester, Ipv6Carry } from "./eni.ts";
import { chooseIpv6, dropIpv6, holdIpv6, ipv6CarryFault, NO_IPV6, type ChosenIpv6 } from "./ipv6-carry.ts";
import { ipv6SlotsFault, slotsFault } from "./slots.ts";

/** What a new ENI is to be, whoever asks for it. */
export interface NewEni {
  readonly subnet: SubnetRecord;
  /** `interface` when absent. */
  readonly kind?: EniKind;
  readonly description: string;
  readonly groups: readonly SecurityGroupId[];
  readonly primaryAddress: Ipv4 | undefined;
  readonly carry: Carry;
  readonly ipv6?: Ipv6Carry | undefined;
  readonly hasPrimaryIpv6?: boolean | undefined;
  readonly requester?: EniRequester;
  readonly connectionTracking?: ConnectionTracking | undefined;
  readonly tags: Tags;
  /** Limits of the type it is launched with; absent when it starts unattached. */
  readonly limits?: InstanceLimits | undefined;
}

/** A new ENI with its addresses chosen. */
export interface PlannedEni {
  readonly wish: NewEni;
  readonly primaryAddress: Ipv4;
  readonly chosen: ChosenCarry;
  readonly ipv6: ChosenIpv6;
}

/** Where the addresses of one subnet are chosen, for one call. */
export interface SubnetPickers {
  readonly ipv4: AddressPicker;
  readonly ipv6: Ipv6Picker | undefined;
}

/** The groups a new ENI gets: the ones named, each once, or the VPC's default group; all of the subnet's VPC. */
export function groupsFor(
  state: State,
  subnet: SubnetRecord,
  wanted: readonly SecurityGroupId[] | undefined,
  unknownGroup: (id: string) => Ec2Error,
): Ec2Result<readonly SecurityGroupId[]> {
  const groups = [...new Set(wanted)];
  if (groups.length === 0) {
    const vpc = state.vpcs.get(subnet.vpcId);
    if (vpc === undefined) throw new Error(`${subnet.id} lies in no VPC`);
    return ok([vpc.defaultGroupId]);
  }
  for (const id of groups) {
    const group = state.groups.get(id);
    if (group === undefined) return refuse(unknownGroup(id));
    if (group.vpcId !== subnet.vpcId) {
      return refuse(refusal("InvalidParameter", `Security group ${id} and subnet ${subnet.id} belong to different networks.`));
    }
  }
  return groups.length > state.quotas.groupsPerEni ? refuse(atLimit.groupsPerEni()) : ok(groups);
}

/** Chooses the ENI's addresses; nothing is taken yet. */
export function planEni(wish: NewEni, { ipv4: picker, ipv6: picker6 }: SubnetPickers): Ec2Result<PlannedEni> {
  const slots = carrySlots(wish.carry);
  const fault = carryFault(wish.carry) ?? slotsFault(1 + slots.addresses + slots.prefixes, slots.prefixes, wish.limits);
  if (fault !== undefined) return refuse(fault);
  const named = wish.primaryAddress === undefined ? undefined : nameAddresses([wish.primaryAddress], picker, REFUSALS_OF_NEW_ENI);
  if (named !== undefined) return refuse(named);
  // Named secondary addresses go first, so that the primary address is not picked from among them.
  const carryFirst = wish.carry.addresses !== undefined;
  const early = carryFirst ? chooseCarry(wish.carry, picker, REFUSALS_OF_NEW_ENI) : undefined;
  if (early?.ok === false) return early;
  const primaryAddress = wish.primaryAddress ?? picker.address();
  if (primaryAddress === undefined) return refuse(address.noneFree());
  const chosen = early ?? chooseCarry(wish.carry, picker, REFUSALS_OF_NEW_ENI);
  if (!chosen.ok) return chosen;
  const ipv6 = planIpv6(wish, picker6);
  return ipv6.ok ? ok({ wish, primaryAddress, chosen: chosen.value, ipv6: ipv6.value }) : ipv6;
}

/** A subnet that assigns IPv6 addresses on creation gives one where nothing is said; a count of 0 says none. */
function planIpv6({ subnet, ipv6, limits }: NewEni, picker: Ipv6Picker | undefined): Ec2Result<ChosenIpv6> {
  const isSaid = ipv6 !== undefined && countAsks(ipv6) > 0;
  const carry: Ipv6Carry = isSaid ? ipv6 : subnet.hasIpv6AddressOnCreation ? { addressCount: 1 } : {};
  const slots = carrySlots(carry);
  const fault = ipv6CarryFault(carry, 0) ?? ipv6SlotsFault(slots.addresses + slots.prefixes, slots.prefixes, limits);
  if (fault !== undefined) return refuse(fault);
  if (slots.addresses + slots.prefixes === 0) return ok(NO_IPV6);
  return picker === undefined ? refuse(noIpv6Cidr(subnet.id)) : chooseIpv6(carry, picker);
}

/** Makes the planned ENI; it is unattached. */
export function putEni(state: State, plan: PlannedEni, now: Millis): EniRecord {
  const { wish, primaryAddress, chosen, ipv6 } = plan;
  const { subnet } = wish;
  const id = state.mint.id<EniId>("eni");
  const addresses = addressesOf(state, subnet.id);
  addresses.holdPrimary(id, primaryAddress);
  holdCarry(addresses, id, chosen);
  holdIpv6(state.ipv6Addresses.get(subnet.id), id, ipv6);
  return state.enis.put({
    id,
    mac: state.mint.mac(),
    kind: wish.kind ?? "interface",
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    ownerId: state.accountId,
    description: wish.description,
    status: wish.requester === undefined ? "available" : "in-use",
    primaryAddress,
    ipv6Addresses: ipv6.addresses,
    ipv6Prefixes: ipv6.prefixes,
    ...(wish.hasPrimaryIpv6 === true ? { hasPrimaryIpv6: true } : {}),
    ...(wish.requester === undefined ? {} : { requester: wish.requester }),
    groups: wish.groups,
    hasSourceDestCheck: true,
    ...(wish.connectionTracking === undefined ? {} : { connectionTracking: wish.connectionTracking }),
    tags: wish.tags,
    createdAt: now,
  });
}

/** Takes an unattached ENI away and frees all it held. */
export function removeEni(state: State, eni: EniRecord): void {
  addressesOf(state, eni.subnetId).dropAll(eni.id, eni.primaryAddress);
  dropIpv6(state.ipv6Addresses.get(eni.subnetId), { addresses: eni.ipv6Addresses, prefixes: eni.ipv6Prefixes });
  const hasElastic = eni.elasticAddressId !== undefined;
  if (eni.publicAddress !== undefined && !hasElastic) state.publicAddresses.release(eni.publicAddress);
  dropElastic(state, eni.id);
  for (const permission of state.eniPermissions.where((row) => row.eniId === eni.id)) state.eniPermissions.delete(permission.id);
  state.enis.delete(eni.id);
}
