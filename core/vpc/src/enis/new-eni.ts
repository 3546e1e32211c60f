import type { EniId, Ipv4, SecurityGroupId } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";
import type { AddressPicker } from "../addresses/address-picker.ts";
import { addressesOf, type EniRecord, type State, type SubnetRecord } from "../cloud/state.ts";
import { address, atLimit, refusal } from "../errors.ts";
import { ok, refuse, type Ec2Error, type Ec2Result, type Millis } from "../result.ts";
import type { Tags } from "../tags/tag.ts";
import { carryFault, carrySlots, chooseCarry, holdCarry, nameAddresses, REFUSALS_OF_NEW_ENI, type ChosenCarry } from "./carry.ts";
import type { ConnectionTracking } from "./connection-tracking.ts";
import type { Carry } from "./eni.ts";
import { slotsFault } from "./slots.ts";

/** What a new ENI is to be, whoever asks for it. */
export interface NewEni {
  readonly subnet: SubnetRecord;
  readonly description: string;
  readonly groups: readonly SecurityGroupId[];
  readonly primaryAddress: Ipv4 | undefined;
  readonly carry: Carry;
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
export function planEni(wish: NewEni, picker: AddressPicker): Ec2Result<PlannedEni> {
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
  return chosen.ok ? ok({ wish, primaryAddress, chosen: chosen.value }) : chosen;
}

/** Makes the planned ENI; it is unattached. */
export function putEni(state: State, plan: PlannedEni, now: Millis): EniRecord {
  const { wish, primaryAddress, chosen } = plan;
  const { subnet } = wish;
  const id = state.mint.id<EniId>("eni");
  const addresses = addressesOf(state, subnet.id);
  addresses.holdPrimary(id, primaryAddress);
  holdCarry(addresses, id, chosen);
  return state.enis.put({
    id,
    mac: state.mint.mac(),
    kind: "interface",
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    ownerId: state.accountId,
    description: wish.description,
    status: "available",
    primaryAddress,
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
  if (eni.publicAddress !== undefined) state.publicAddresses.release(eni.publicAddress);
  state.enis.delete(eni.id);
}
