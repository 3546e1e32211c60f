import { cidr4Contains, cidr4Overlaps, formatCidr4, type SubnetId } from "@slash28/address";
import { SubnetAddresses } from "../addresses/subnet-addresses.ts";
import { find, findAll } from "../cloud/find.ts";
import type { Zone } from "../cloud/options.ts";
import { addressesOf, type Decide, type State, type SubnetRecord } from "../cloud/state.ts";
import { atLimit, depended, invalidValue, refusal, unknown } from "../errors.ts";
import { ok, refuse } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { hasAllowedSize } from "../vpcs/cidr-rules.ts";
import { ipv6CidrFault } from "./ipv6-cidr-actions.ts";
import { Ipv6Space } from "../addresses/ipv6-space.ts";
import type { CreateSubnetInput, ModifySubnetInput, Subnet, SubnetIpv6Cidr } from "./subnet.ts";

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
  const wanted6 = input.ipv6Cidr;
  const fault6 = wanted6 === undefined ? undefined : ipv6CidrFault(state, found.value, wanted6);
  if (fault6 !== undefined) return refuse(fault6);
  if (siblings.length >= state.quotas.subnetsPerVpc) return refuse(atLimit.subnets());
  return ok(() => {
    const id = state.mint.id<SubnetId>("subnet");
    state.addresses.set(id, new SubnetAddresses(cidr));
    if (wanted6 !== undefined) state.ipv6Addresses.set(id, new Ipv6Space(wanted6));
    const ipv6Cidr: SubnetIpv6Cidr | undefined =
      wanted6 === undefined ? undefined : { id: state.mint.id("subnet-cidr-assoc"), cidr: wanted6 };
    return asSubnet(
      state,
      state.subnets.put({
        id,
        vpcId,
        ownerId: state.accountId,
        zone: zone.name,
        zoneId: zone.id,
        cidr,
        ...(ipv6Cidr === undefined ? {} : { ipv6Cidr }),
        hasPublicAddressOnLaunch: false,
        hasIpv6AddressOnCreation: false,
        tags,
      }),
    );
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
    state.ipv6Addresses.delete(subnetId);
    state.subnets.delete(subnetId);
  });
};

export const describeSubnets: Decide<{ readonly ids?: readonly SubnetId[] }, readonly Subnet[]> = (state, { ids }) => {
  const found = findAll(state.subnets, ids, unknown.subnet);
  return found.ok ? ok(() => found.value.map((record) => asSubnet(state, record))) : found;
};

export const modifySubnet: Decide<ModifySubnetInput, Subnet> = (state, input) => {
  const found = find(state.subnets, input.subnetId, unknown.subnet);
  if (!found.ok) return found;
  const subnet = found.value;
  if (input.hasIpv6AddressOnCreation === true && subnet.ipv6Cidr === undefined) {
    return refuse(invalidValue(`Subnet ${subnet.id} has no IPv6 CIDR block: it cannot assign IPv6 addresses on creation.`));
  }
  const { hasPublicAddressOnLaunch = subnet.hasPublicAddressOnLaunch, hasIpv6AddressOnCreation = subnet.hasIpv6AddressOnCreation } = input;
  return ok(() => asSubnet(state, state.subnets.put({ ...subnet, hasPublicAddressOnLaunch, hasIpv6AddressOnCreation })));
};
