import type { AttachmentId, Cidr4, EniId, InstanceId, Ipv4, Mac, SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import type { Millis } from "../result.ts";
import type { Tags } from "../tags/tag.ts";
import type { ConnectionTracking } from "./connection-tracking.ts";

/** EC2's InterfaceType. */
export type EniKind = "interface" | "trunk" | "branch" | "efa" | "efa-only";

export interface Eni {
  readonly id: EniId;
  readonly mac: Mac;
  readonly kind: EniKind;
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  readonly zone: string;
  readonly ownerId: string;
  readonly description: string;
  /** `in-use` from the attach call until the detach has settled. */
  readonly status: "available" | "in-use";
  readonly primaryAddress: Ipv4;
  /** Without the primary address. */
  readonly secondaryAddresses: readonly Ipv4[];
  /** All /28. */
  readonly prefixes: readonly Cidr4[];
  readonly groups: readonly SecurityGroupId[];
  readonly hasSourceDestCheck: boolean;
  /** Absent when nobody set any of it. */
  readonly connectionTracking?: ConnectionTracking;
  /** The public address mapped to the primary address. */
  readonly publicAddress?: Ipv4;
  readonly attachment?: Attachment;
  readonly tags: Tags;
  readonly createdAt: Millis;
}

export interface Attachment {
  readonly id: AttachmentId;
  readonly instanceId: InstanceId;
  readonly deviceIndex: number;
  readonly networkCard: number;
  readonly status: "attaching" | "attached" | "detaching";
  readonly attachedAt: Millis;
  readonly deleteOnTermination: boolean;
}

/** What an ENI carries besides its primary address, or what is added to it: at most one of the fields may be given. */
export interface Carry {
  readonly addresses?: readonly Ipv4[];
  readonly addressCount?: number;
  readonly prefixes?: readonly Cidr4[];
  readonly prefixCount?: number;
}

export interface CreateEniInput {
  readonly subnetId: SubnetId;
  readonly kind?: EniKind;
  readonly description?: string;
  /** The VPC's default group when absent or empty. */
  readonly groups?: readonly SecurityGroupId[];
  readonly primaryAddress?: Ipv4;
  readonly carry?: Carry;
  readonly connectionTracking?: ConnectionTracking;
  readonly tags?: Tags;
  readonly clientToken?: string;
}

export interface AttachEniInput {
  readonly eniId: EniId;
  readonly instanceId: InstanceId;
  readonly deviceIndex: number;
  /** 0 when absent. */
  readonly networkCard?: number;
}

export interface DetachEniInput {
  readonly attachmentId: AttachmentId;
  readonly isForced?: boolean;
}

/** EC2 takes one change per call. */
export type EniChange =
  | { readonly attribute: "description"; readonly value: string }
  | { readonly attribute: "groups"; readonly value: readonly SecurityGroupId[] }
  | { readonly attribute: "source-dest-check"; readonly value: boolean }
  | { readonly attribute: "connection-tracking"; readonly value: ConnectionTracking }
  | { readonly attribute: "delete-on-termination"; readonly attachmentId: AttachmentId; readonly value: boolean };

export interface ModifyEniInput {
  readonly eniId: EniId;
  readonly change: EniChange;
}

export interface AssignAddressesInput {
  readonly eniId: EniId;
  /** Exactly one field. */
  readonly carry: Carry;
  /** Lets the call move a secondary address here from another ENI of the subnet. */
  readonly mayReassign?: boolean;
}

/** The new ones only, as EC2 answers. */
export interface AssignedAddresses {
  readonly eniId: EniId;
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
}

export interface UnassignAddressesInput {
  readonly eniId: EniId;
  readonly addresses?: readonly Ipv4[];
  readonly prefixes?: readonly Cidr4[];
}
