import { cidr6Contains, cidr6Overlaps, formatCidr6, type Cidr6, type SubnetId } from "@slash28/address";
import { Ipv6Space } from "../addresses/ipv6-space.ts";
import { find } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { depended, invalidValue, refusal, unknown } from "../errors.ts";
import type { SubnetCidrAssociationId } from "../ids.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import type { Vpc } from "../vpcs/vpc.ts";
import type { SubnetIpv6Cidr } from "./subnet.ts";

/** Sizes a subnet's IPv6 range may have: /44 to /64 in steps of four (AWS: "Subnet CIDR blocks"). */
export function hasAllowedIpv6Size({ length }: Cidr6): boolean {
  return length >= 44 && length <= 64 && length % 4 === 0;
}

/** Why a subnet of the VPC may not have this IPv6 range, if so. */
export function ipv6CidrFault(state: State, vpc: Vpc, cidr: Cidr6): Ec2Error | undefined {
  const text = formatCidr6(cidr);
  const isInside = vpc.ipv6Cidrs.some((block) => cidr6Contains(block.cidr, cidr));
  if (!hasAllowedIpv6Size(cidr) || !isInside) return refusal("InvalidSubnet.Range", `The CIDR '${text}' is invalid.`);
  const isTaken = state.subnets.some((subnet) => subnet.ipv6Cidr !== undefined && cidr6Overlaps(subnet.ipv6Cidr.cidr, cidr));
  return isTaken ? refusal("InvalidSubnet.Conflict", `The CIDR '${text}' conflicts with another subnet`) : undefined;
}

/** What a subnet's IPv6 range was or is. */
export interface SubnetCidrChange {
  readonly subnetId: SubnetId;
  readonly ipv6Cidr: SubnetIpv6Cidr;
}

export const associateSubnetCidr: Decide<{ readonly subnetId: SubnetId; readonly cidr: Cidr6 }, SubnetCidrChange> = (state, input) => {
  const { subnetId, cidr } = input;
  const found = find(state.subnets, subnetId, unknown.subnet);
  if (!found.ok) return found;
  const vpc = state.vpcs.get(found.value.vpcId);
  if (vpc === undefined) throw new Error(`${subnetId} lies in no VPC`);
  if (found.value.ipv6Cidr !== undefined) {
    return refuse(invalidValue(`Subnet ${subnetId} has an IPv6 CIDR block already: ${formatCidr6(found.value.ipv6Cidr.cidr)}.`));
  }
  const fault = ipv6CidrFault(state, vpc, cidr);
  if (fault !== undefined) return refuse(fault);
  return ok(() => {
    const ipv6Cidr: SubnetIpv6Cidr = { id: state.mint.id("subnet-cidr-assoc"), cidr };
    state.ipv6Addresses.set(subnetId, new Ipv6Space(cidr));
    state.subnets.put({ ...found.value, ipv6Cidr });
    return { subnetId, ipv6Cidr };
  });
};

/** Not while an ENI holds an address or prefix of it. */
export const disassociateSubnetCidr: Decide<{ readonly associationId: SubnetCidrAssociationId }, SubnetCidrChange> = (state, input) => {
  const [subnet] = state.subnets.where(({ ipv6Cidr }) => ipv6Cidr?.id === input.associationId);
  if (subnet?.ipv6Cidr === undefined) return refuse(unknown.subnetCidrAssociation(input.associationId));
  const { ipv6Cidr, ...rest } = subnet;
  if (state.ipv6Addresses.get(subnet.id)?.isEmpty !== true) return refuse(depended.subnetCidr(input.associationId));
  return ok(() => {
    for (const row of state.reservations.where((each) => each.subnetId === subnet.id && typeof each.cidr.base === "bigint")) {
      state.reservations.delete(row.id);
    }
    state.ipv6Addresses.delete(subnet.id);
    state.subnets.put({ ...rest, hasIpv6AddressOnCreation: false });
    return { subnetId: subnet.id, ipv6Cidr };
  });
};
