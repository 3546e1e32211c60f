import type { Cidr4, Cidr6, CidrRange, SubnetId, VpcId } from "@slash28/address";
import type { CidrReservationId, SubnetCidrAssociationId } from "../ids.ts";
import type { Tags } from "../tags/tag.ts";

/** The IPv6 range of a subnet; it has one at most. */
export interface SubnetIpv6Cidr {
  readonly id: SubnetCidrAssociationId;
  readonly cidr: Cidr6;
}

export interface Subnet {
  readonly id: SubnetId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  /** Zone name, `us-east-1a`. */
  readonly zone: string;
  /** Zone id, `use1-az1`: the same place in every account. */
  readonly zoneId: string;
  readonly cidr: Cidr4;
  readonly ipv6Cidr?: SubnetIpv6Cidr;
  readonly hasPublicAddressOnLaunch: boolean;
  /** Every new ENI gets an IPv6 address. */
  readonly hasIpv6AddressOnCreation: boolean;
  /** EC2's AvailableIpAddressCount: neither held, nor reserved by AWS, nor set aside for prefixes. */
  readonly freeAddresses: number;
  readonly tags: Tags;
}

/**
 * A range of a subnet set aside. `prefix`: automatic prefixes come from it, automatic single addresses never do.
 * `explicit`: nothing is taken from it unless asked for by address.
 */
export interface CidrReservation {
  readonly id: CidrReservationId;
  readonly subnetId: SubnetId;
  readonly ownerId: string;
  readonly cidr: CidrRange;
  readonly type: "prefix" | "explicit";
  readonly description: string;
  readonly tags: Tags;
}

export interface CreateSubnetInput {
  readonly vpcId: VpcId;
  readonly cidr: Cidr4;
  readonly ipv6Cidr?: Cidr6;
  /** Zone by name or by id; the first zone when absent. */
  readonly zone?: string;
  readonly tags?: Tags;
}

/** EC2 takes one change per call. */
export interface ModifySubnetInput {
  readonly subnetId: SubnetId;
  readonly hasPublicAddressOnLaunch?: boolean;
  readonly hasIpv6AddressOnCreation?: boolean;
}

export interface CreateCidrReservationInput {
  readonly subnetId: SubnetId;
  readonly cidr: CidrRange;
  readonly type: "prefix" | "explicit";
  readonly description?: string;
  readonly tags?: Tags;
}

/** How the addresses of a subnet are used; `total` is the sum of all the others. */
export interface SubnetUsage {
  readonly total: number;
  /** The first four and the last. */
  readonly reservedByAws: number;
  /** Primary and secondary addresses of ENIs. */
  readonly held: number;
  /** Addresses inside prefixes on ENIs: 16 each. */
  readonly inPrefixes: number;
  /** Free, but inside a prefix reservation: not counted by `freeAddresses`. */
  readonly setAside: number;
  readonly free: number;
  /** How many /28 an ENI could get now, from reservations or outside them. */
  readonly freePrefixes: number;
}
