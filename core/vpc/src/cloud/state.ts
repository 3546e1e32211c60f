import {
  cidr4,
  cidr6,
  type AttachmentId,
  type Cidr6,
  type EniId,
  type InstanceId,
  type SecurityGroupId,
  type SubnetId,
  type VpcId,
} from "@slash28/address";
import { limitsOf, type InstanceLimits } from "@slash28/limits";
import { AddressPicker, type PickOrder } from "../addresses/address-picker.ts";
import { AddressSpace } from "../addresses/address-space.ts";
import { Ipv6Picker } from "../addresses/ipv6-picker.ts";
import type { Ipv6Space } from "../addresses/ipv6-space.ts";
import type { Held, SubnetAddresses } from "../addresses/subnet-addresses.ts";
import type { Eni } from "../enis/eni.ts";
import type {
  CidrReservationId,
  EgressOnlyGatewayId,
  ElasticAddressId,
  EniPermissionId,
  InternetGatewayId,
  LaunchTemplateId,
  NatGatewayId,
  RouteTableId,
  TrunkAssociationId,
} from "../ids.ts";
import type { Instance } from "../instances/instance.ts";
import type { LaunchTemplateRecord } from "../launch-templates/launch-template.ts";
import type { Call, Ec2Result } from "../result.ts";
import type { NatGateway } from "../nat-gateways/nat-gateway.ts";
import type { ElasticAddress } from "../public-addresses/elastic-address.ts";
import { defaultQuotas } from "../quotas/quotas.ts";
import type { EgressOnlyGateway, InternetGateway, RouteTable } from "../routing/routing.ts";
import type { SecurityGroup } from "../security-groups/security-group.ts";
import type { CidrReservation, Subnet } from "../subnets/subnet.ts";
import type { EniPermission, TrunkAssociation } from "../trunks/trunk.ts";
import type { Vpc } from "../vpcs/vpc.ts";
import { IdMint } from "./id-mint.ts";
import type { CloudOptions, Quotas, Zone } from "./options.ts";
import { Replies } from "./replies.ts";
import { Table } from "./table.ts";

/** A subnet as it is kept; its free addresses are counted by its address space. */
export type SubnetRecord = Omit<Subnet, "freeAddresses">;

/** An ENI as it is kept; what it holds besides its primary address is with its subnet's addresses. */
export type EniRecord = Omit<Eni, keyof Held>;

/** Everything the model knows. Only the second half of a decision changes it. */
export interface State {
  readonly region: string;
  readonly accountId: string;
  readonly zones: readonly Zone[];
  /** Replaced as a whole when one is changed. */
  quotas: Quotas;
  readonly pick: PickOrder;
  readonly settlesAtOnce: boolean;
  readonly limitsOf: (instanceType: string) => InstanceLimits | undefined;
  readonly mint: IdMint;
  readonly replies: Replies;
  readonly vpcs: Table<VpcId, Vpc>;
  readonly subnets: Table<SubnetId, SubnetRecord>;
  readonly addresses: Map<SubnetId, SubnetAddresses>;
  /** Of the subnets that have an IPv6 range. */
  readonly ipv6Addresses: Map<SubnetId, Ipv6Space>;
  readonly ipv6Pool: Cidr6;
  readonly reservations: Table<CidrReservationId, CidrReservation>;
  readonly enis: Table<EniId, EniRecord>;
  /** Which ENI an attachment belongs to. */
  readonly attachments: Map<AttachmentId, EniId>;
  readonly instances: Table<InstanceId, Instance>;
  readonly groups: Table<SecurityGroupId, SecurityGroup>;
  readonly routeTables: Table<RouteTableId, RouteTable>;
  readonly gateways: Table<InternetGatewayId, InternetGateway>;
  readonly launchTemplates: Table<LaunchTemplateId, LaunchTemplateRecord>;
  readonly egressOnlyGateways: Table<EgressOnlyGatewayId, EgressOnlyGateway>;
  readonly natGateways: Table<NatGatewayId, NatGateway>;
  readonly elasticAddresses: Table<ElasticAddressId, ElasticAddress>;
  readonly trunkAssociations: Table<TrunkAssociationId, TrunkAssociation>;
  readonly eniPermissions: Table<EniPermissionId, EniPermission>;
  readonly publicAddresses: AddressSpace;
  /** Ids of what the call under way has changed; an id may come twice. */
  readonly touched: string[];
}

/**
 * How every action is written: look, then either refuse, or hand over what will make the change. Nothing may change before that function
 * runs, and it may not fail.
 */
export type Decide<Input, Output> = (state: State, input: Input, call: Call) => Ec2Result<() => Output>;

export function emptyState(options: CloudOptions): State {
  const seed = options.seed ?? 0;
  const touched: string[] = [];
  return {
    region: options.region,
    accountId: options.accountId,
    zones: options.zones,
    quotas: { ...defaultQuotas(), ...options.quotas },
    pick: options.pick === "scatter" ? { kind: "scatter", seed } : { kind: "lowest" },
    settlesAtOnce: options.settle !== "by-caller",
    limitsOf: options.limitsOf ?? limitsOf,
    mint: new IdMint(seed),
    replies: new Replies(),
    vpcs: new Table(touched),
    subnets: new Table(touched),
    addresses: new Map(),
    ipv6Addresses: new Map(),
    ipv6Pool: options.ipv6Pool ?? cidr6("2001:db8:8000::/33"),
    reservations: new Table(touched),
    enis: new Table(touched),
    attachments: new Map(),
    instances: new Table(touched),
    groups: new Table(touched),
    routeTables: new Table(touched),
    gateways: new Table(touched),
    launchTemplates: new Table(touched),
    egressOnlyGateways: new Table(touched),
    natGateways: new Table(touched),
    elasticAddresses: new Table(touched),
    trunkAssociations: new Table(touched),
    eniPermissions: new Table(touched),
    publicAddresses: new AddressSpace(options.publicPool ?? cidr4("198.18.0.0/16")),
    touched,
  };
}

/** The addresses of a subnet that exists. */
export function addressesOf(state: State, subnetId: SubnetId): SubnetAddresses {
  const addresses = state.addresses.get(subnetId);
  if (addresses === undefined) throw new Error(`${subnetId} has no address space`);
  return addresses;
}

/** What an ENI holds besides its primary address, as it is now. Copy before handing it out. */
export function heldBy(state: State, eni: EniRecord): Held {
  return addressesOf(state, eni.subnetId).heldBy(eni.id);
}

/** An ENI with what it holds as it is now. */
export function asEni(state: State, record: EniRecord): Eni {
  const { secondaryAddresses, prefixes } = heldBy(state, record);
  return { ...record, secondaryAddresses: secondaryAddresses.slice(), prefixes: prefixes.slice() };
}

export function pickerOf(state: State, subnetId: SubnetId): AddressPicker {
  return new AddressPicker(addressesOf(state, subnetId).space, state.pick);
}

/** Chooses IPv6 addresses of a subnet; `undefined` when it has no IPv6 range. */
export function ipv6PickerOf(state: State, subnetId: SubnetId): Ipv6Picker | undefined {
  const space = state.ipv6Addresses.get(subnetId);
  return space === undefined ? undefined : new Ipv6Picker(space, state.pick);
}

/** Where one call chooses addresses of both families. */
export function pickersOf(state: State, subnetId: SubnetId): { readonly ipv4: AddressPicker; readonly ipv6: Ipv6Picker | undefined } {
  return { ipv4: pickerOf(state, subnetId), ipv6: ipv6PickerOf(state, subnetId) };
}
