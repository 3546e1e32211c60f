import type { AttachmentId, Cidr4, Cidr6, EniId, InstanceId, Ipv4, Ipv6, Mac, SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import type { ElasticAddressId } from "../ids.ts";
import type { Millis } from "../result.ts";
import type { Tags } from "../tags/tag.ts";
import type { ConnectionTracking } from "./connection-tracking.ts";

/** EC2's InterfaceType, of what the model has. */
export type EniKind = "interface" | "trunk" | "branch" | "efa" | "efa-only" | "nat_gateway" | "network_load_balancer";

/** Another AWS service that made an ENI for its own use: it is in use from the start, and only that service deletes it. */
export interface EniRequester {
  /** EC2's RequesterId: `amazon-elb`, or an account's number. */
  readonly id: string;
  /** Who attached it, as EC2 shows it: `amazon-aws`, `amazon-elb`. */
  readonly attachmentOwner: string;
  /** `ela-attach-…` */
  readonly attachmentId: string;
}

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
  readonly ipv6Addresses: readonly Ipv6[];
  /** All /80. */
  readonly ipv6Prefixes: readonly Cidr6[];
  /** The first IPv6 address is the ENI's primary one, and stays. */
  readonly hasPrimaryIpv6?: boolean;
  readonly groups: readonly SecurityGroupId[];
  readonly hasSourceDestCheck: boolean;
  /** Absent when nobody set any of it. */
  readonly connectionTracking?: ConnectionTracking;
  /** The public address mapped to the primary address: given at launch, or an Elastic IP. */
  readonly publicAddress?: Ipv4;
  /** The Elastic IP that `publicAddress` is, if it is one. */
  readonly elasticAddressId?: ElasticAddressId;
  /** Absent for an ENI that somebody made with CreateNetworkInterface or RunInstances. */
  readonly requester?: EniRequester;
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

/** What an ENI carries of one family, or what is added to it: at most one of the fields may be given. */
export interface CarryOf<Address, Range> {
  readonly addresses?: readonly Address[];
  readonly addressCount?: number;
  readonly prefixes?: readonly Range[];
  readonly prefixCount?: number;
}

/** Of IPv4: what comes besides the primary address. */
export type Carry = CarryOf<Ipv4, Cidr4>;
export type Ipv6Carry = CarryOf<Ipv6, Cidr6>;

export interface CreateEniInput {
  readonly subnetId: SubnetId;
  readonly kind?: EniKind;
  readonly description?: string;
  /** The VPC's default group when absent or empty. */
  readonly groups?: readonly SecurityGroupId[];
  readonly primaryAddress?: Ipv4;
  readonly carry?: Carry;
  /** One address where the subnet assigns them on creation and nothing is said. */
  readonly ipv6?: Ipv6Carry;
  readonly hasPrimaryIpv6?: boolean;
  readonly connectionTracking?: ConnectionTracking;
  readonly tags?: Tags;
  readonly clientToken?: string;
}

/** An ENI that another AWS service puts into a subnet: a load balancer's node, a control plane's. */
export interface CreateServiceEniInput {
  readonly subnetId: SubnetId;
  readonly kind: "interface" | "network_load_balancer";
  /** As the service writes it: `ELB app/NAME/ID`. */
  readonly description: string;
  readonly groups?: readonly SecurityGroupId[];
  readonly requesterId: string;
  readonly attachmentOwner: string;
  /** Takes one IPv6 address as well; the subnet must have a range. */
  readonly hasIpv6?: boolean;
  /** Gives it a public address of the Region's pool, as a load balancer that faces the internet has. */
  readonly hasPublicAddress?: boolean;
  readonly tags?: Tags;
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
  | { readonly attribute: "primary-ipv6"; readonly value: boolean }
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

export interface AssignIpv6AddressesInput {
  readonly eniId: EniId;
  /** Exactly one field. */
  readonly carry: Ipv6Carry;
}

/** The addresses and prefixes that came or went. */
export interface AssignedIpv6Addresses {
  readonly eniId: EniId;
  readonly addresses: readonly Ipv6[];
  readonly prefixes: readonly Cidr6[];
}

export interface UnassignIpv6AddressesInput {
  readonly eniId: EniId;
  readonly addresses?: readonly Ipv6[];
  readonly prefixes?: readonly Cidr6[];
}
