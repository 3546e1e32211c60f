import { cidr4Contains, cidr4Overlaps, formatCidr4, type SubnetId } from "@slash28/address";
import { SubnetAddresses } from "../addresses/subnet-addresses.ts";
import { find, findAll } from "../cloud/find.ts";
import type { Zone } from "../cloud/options.ts";
import { addressesOf, type Decide, type State, type SubnetRecord } from "../cloud/state.ts";
import { atLimit, depended, invalidValue, refusal, unknown } from "../errors.ts";
import { ok, refuse } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { hasAllowedSize } from "../vpcs/cidr-rules.ts";
import type { CreateSubnetInput, ModifySubnetInput, Subnet } from "./subnet.ts";

/** A subnet with its count of free addresses as it is now. */
export function asSubnet(state: State, record: SubnetRecord): Subnet {
  return { ...record, freeAddresses: addressesOf(state, record.id).space.freeAddresses };
}

export const createSubnet: Decide<CreateSubnetInput, Subnet> = (state, input) => {
  const { cidr, vpcId, tags = {} } = input;
  const found = find(state.vpcs, vpcId, unknown.vpc);
  if (!found.ok) return found;
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  const zone = zoneOf(state, input.zone);
  if (zone === undefined) return refuse(unknownZone(state, input.zone ?? ""));
  const text = formatCidr4(cidr);
  const isInside = found.value.cidrs.some((block) => cidr4Contains(block.cidr, cidr));
  if (!hasAllowedSize(cidr) || !isInside) return refuse(refusal("InvalidSubnet.Range", `The CIDR '${text}' is invalid.`));
  const siblings = state.subnets.where((subnet) => subnet.vpcId === vpcId);
  if (siblings.some((sibling) => cidr4Overlaps(sibling.cidr, cidr))) {
    return refuse(refusal("InvalidSubnet.Conflict", `The CIDR '${text}' conflicts with another subnet`));
  }
  if (siblings.length >= state.quotas.subnetsPerVpc) return refuse(atLimit.subnets());
  return ok(() => {
    const id = state.mint.id<SubnetId>("subnet");
    state.addresses.set(id, new SubnetAddresses(cidr));
    const place = { zone: zone.name, zoneId: zone.id };
    const record = { id, vpcId, ownerId: state.accountId, ...place, cidr, hasPublicAddressOnLaunch: false, tags };
    return asSubnet(state, state.subnets.put(record));
  });
};

function zoneOf(state: State, wanted: string | undefined): Zone | undefined {
  return wanted === undefined ? state.zones[0] : state.zones.find((zone) => zone.name === wanted || zone.id === wanted);
}

function unknownZone(state: State, wanted: string) {
  const names = state.zones.map((zone) => zone.name).join(", ");
  return invalidValue(
    `Value (${wanted}) for parameter availabilityZone is invalid. ` +
      `Subnets can currently only be created in the following availability zones: ${names}.`,
  );
}

export const deleteSubnet: Decide<{ readonly subnetId: SubnetId }, void> = (state, { subnetId }) => {
  const found = find(state.subnets, subnetId, unknown.subnet);
  if (!found.ok) return found;
  if (state.enis.some((eni) => eni.subnetId === subnetId)) return refuse(depended.subnet(subnetId));
  return ok(() => {
    for (const reservation of state.reservations.where((row) => row.subnetId === subnetId)) state.reservations.delete(reservation.id);
    for (const table of state.routeTables.where((row) => row.vpcId === found.value.vpcId)) {
      const associations = table.associations.filter((row) => row.kind === "main" || row.subnetId !== subnetId);
      if (associations.length < table.associations.length) state.routeTables.put({ ...table, associations });
    }
    state.addresses.delete(subnetId);
    state.subnets.delete(subnetId);
  });
};

export const describeSubnets: Decide<{ readonly ids?: readonly SubnetId[] }, readonly Subnet[]> = (state, { ids }) => {
  const found = findAll(state.subnets, ids, unknown.subnet);
  return found.ok ? ok(() => found.value.map((record) => asSubnet(state, record))) : found;
};

export const modifySubnet: Decide<ModifySubnetInput, Subnet> = (state, { subnetId, hasPublicAddressOnLaunch }) => {
  const found = find(state.subnets, subnetId, unknown.subnet);
  if (!found.ok) return found;
  return ok(() => asSubnet(state, state.subnets.put({ ...found.value, hasPublicAddressOnLaunch })));
};
