import type { AttachmentId, Cidr4, EniId, InstanceId, Ipv4, Mac, SecurityGroupId, SubnetId, VpcId } from "@slash28/address";

export type Tags = Readonly<Record<string, string>>;

/** An ENI as EC2 tells of it. */
export interface Ec2Eni {
  readonly id: EniId;
  readonly mac: Mac;
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  readonly description: string;
  readonly kind: "interface" | "trunk" | "branch" | "efa" | "efa-only" | "other";
  readonly status: "available" | "attaching" | "in-use" | "detaching" | "pending";
  readonly primaryAddress: Ipv4;
  /** Secondary addresses, without the primary one. */
  readonly addresses: readonly Ipv4[];
  /** IPv4 prefixes, all /28. */
  readonly prefixes: readonly Cidr4[];
  readonly groups: readonly SecurityGroupId[];
  readonly tags: Tags;
  readonly attachment?: Ec2Attachment;
  /** Absent when all of it is EC2's default. */
  readonly connectionTracking?: ConnectionTracking;
}

/** How long EC2 keeps track of idle connections of an ENI, in seconds; what is absent is EC2's default. */
export interface ConnectionTracking {
  readonly tcpEstablishedTimeout?: number;
  readonly udpStreamTimeout?: number;
  readonly udpTimeout?: number;
}

/** What EC2 allows an instance of one type. */
export interface Ec2InstanceType {
  readonly type: string;
  readonly hypervisor: "nitro" | "xen" | "unknown";
  readonly bareMetal: boolean;
  /** IPv4 slots of one ENI, the one of its primary address included. */
  readonly ipv4PerEni: number;
  readonly networkCards: readonly { readonly index: number; readonly maxEnis: number }[];
  readonly defaultNetworkCard: number;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
}

export interface Ec2Attachment {
  readonly id: AttachmentId;
  readonly instanceId: InstanceId;
  readonly deviceIndex: number;
  readonly networkCard: number;
  readonly deleteOnTermination: boolean;
}

export interface CreateEniRequest {
  readonly subnetId: SubnetId;
  readonly groups: readonly SecurityGroupId[];
  readonly description: string;
  readonly tags: Tags;
  readonly connectionTracking?: ConnectionTracking;
  /** What the new ENI carries from the start besides its primary address. */
  readonly carry: { readonly kind: "addresses" | "prefixes"; readonly count: number };
  /** Up to 64 ASCII characters. The same request with the same token makes one ENI, however often it is sent. */
  readonly clientToken: string;
}

export interface Ec2Subnet {
  readonly id: SubnetId;
  readonly vpcId: VpcId;
  readonly zone: string;
  readonly cidr: Cidr4;
  readonly freeAddresses: number;
  readonly tags: Tags;
}

/** The EC2 calls a node makes. Every method rejects with a `Fault`; nothing else. */
export interface Ec2 {
  /** The ENIs attached to one instance. */
  describeAttachedEnis(instanceId: InstanceId): Promise<readonly Ec2Eni[]>;
  /** ENIs by id; ids that no longer exist are left out. */
  describeEnis(ids: readonly EniId[]): Promise<readonly Ec2Eni[]>;
  /** Unattached ENIs of a VPC that carry all these tags. */
  describeFreeEnis(vpcId: VpcId, tags: Tags): Promise<readonly Ec2Eni[]>;
  describeSubnets(vpcId: VpcId, zone: string): Promise<readonly Ec2Subnet[]>;
  describeInstanceType(type: string): Promise<Ec2InstanceType>;
  createEni(request: CreateEniRequest): Promise<Ec2Eni>;
  attachEni(eniId: EniId, instanceId: InstanceId, deviceIndex: number, networkCard: number): Promise<AttachmentId>;
  deleteOnTermination(eniId: EniId, attachmentId: AttachmentId): Promise<void>;
  detachEni(attachmentId: AttachmentId): Promise<void>;
  /** Succeeds also when the ENI is already gone. */
  deleteEni(eniId: EniId): Promise<void>;
  /** Resolves to the new addresses only. */
  assignAddresses(eniId: EniId, count: number): Promise<readonly Ipv4[]>;
  /** Resolves to the new prefixes only. */
  assignPrefixes(eniId: EniId, count: number): Promise<readonly Cidr4[]>;
  unassign(eniId: EniId, give: { readonly addresses: readonly Ipv4[]; readonly prefixes: readonly Cidr4[] }): Promise<void>;
  setGroups(eniId: EniId, groups: readonly SecurityGroupId[]): Promise<void>;
  tag(id: string, tags: Tags): Promise<void>;
}

/** What the instance metadata service tells a node about itself. */
export interface InstanceIdentity {
  readonly instanceId: InstanceId;
  readonly instanceType: string;
  readonly region: string;
  readonly zone: string;
  readonly vpcId: VpcId;
  readonly vpcCidrs: readonly Cidr4[];
  readonly primaryEni: EniId;
  readonly primaryMac: Mac;
  readonly primaryAddress: Ipv4;
  readonly subnetId: SubnetId;
  readonly groups: readonly SecurityGroupId[];
}

/** One ENI as the metadata service shows it; it trails EC2 by up to seconds. */
export interface MetadataEni {
  readonly id: EniId;
  readonly mac: Mac;
  readonly deviceIndex: number;
  readonly networkCard: number;
  readonly subnetId: SubnetId;
  readonly subnetCidr: Cidr4;
  readonly primaryAddress: Ipv4;
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
}

/** The instance metadata service. Every method rejects with a `Fault`. */
export interface Metadata {
  identity(): Promise<InstanceIdentity>;
  enis(): Promise<readonly MetadataEni[]>;
  vpcCidrs(): Promise<readonly Cidr4[]>;
}
