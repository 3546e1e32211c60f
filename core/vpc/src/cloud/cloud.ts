import type { AttachmentId, Cidr4, EniId, InstanceId, Ipv4, SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import type {
  AssignAddressesInput,
  AssignedAddresses,
  AttachEniInput,
  Attachment,
  CreateEniInput,
  DetachEniInput,
  Eni,
  ModifyEniInput,
  UnassignAddressesInput,
} from "../enis/eni.ts";
import type { CidrReservationId, InternetGatewayId, RouteTableAssociationId, RouteTableId } from "../ids.ts";
import type { CidrAssociationId } from "../ids.ts";
import type { Instance, InstanceStateChange, MetadataOptions, Reservation, RunInstancesInput } from "../instances/instance.ts";
import type {
  CreateLaunchTemplateInput,
  CreateLaunchTemplateVersionInput,
  DeletedVersions,
  DeleteVersionsInput,
  DescribeLaunchTemplatesInput,
  DescribeVersionsInput,
  LaunchTemplate,
  LaunchTemplateVersion,
  TemplateRef,
} from "../launch-templates/launch-template.ts";
import type { Call, Ec2Result } from "../result.ts";
import type { InternetGateway, RouteInput, RouteTable, RouteTableAssociation } from "../routing/routing.ts";
import type {
  AuthorizeRulesInput,
  CreateSecurityGroupInput,
  RevokeRulesInput,
  SecurityGroup,
  SecurityGroupRule,
} from "../security-groups/security-group.ts";
import type {
  CidrReservation,
  CreateCidrReservationInput,
  CreateSubnetInput,
  ModifySubnetInput,
  Subnet,
  SubnetUsage,
} from "../subnets/subnet.ts";
import type { CreateTagsInput, DeleteTagsInput, ResourceTag, Tags } from "../tags/tag.ts";
import type { AssociateVpcCidrInput, CidrAssociation, CreateVpcInput, ModifyVpcInput, Vpc } from "../vpcs/vpc.ts";
import type { Quotas, Zone } from "./options.ts";

/** A call: parameters and context in, success or EC2's refusal out. A refused call has changed nothing. */
export type Action<Input, Output> = (input: Input, call: Call) => Ec2Result<Output>;

/** A description: all objects when `ids` is absent, else exactly those, or the refusal that names the ones unknown. */
export type Describe<Id, T> = (input: { readonly ids?: readonly Id[] }, call: Call) => Ec2Result<readonly T[]>;

export interface VpcActions {
  readonly createVpc: Action<CreateVpcInput, Vpc>;
  readonly deleteVpc: Action<{ readonly vpcId: VpcId }, void>;
  readonly describeVpcs: Describe<VpcId, Vpc>;
  readonly modifyVpc: Action<ModifyVpcInput, Vpc>;
  readonly associateVpcCidr: Action<AssociateVpcCidrInput, { readonly vpc: Vpc; readonly association: CidrAssociation }>;
  readonly disassociateVpcCidr: Action<
    { readonly associationId: CidrAssociationId },
    { readonly vpc: Vpc; readonly association: CidrAssociation }
  >;
}

export interface SubnetActions {
  readonly createSubnet: Action<CreateSubnetInput, Subnet>;
  readonly deleteSubnet: Action<{ readonly subnetId: SubnetId }, void>;
  readonly describeSubnets: Describe<SubnetId, Subnet>;
  readonly modifySubnet: Action<ModifySubnetInput, Subnet>;
  readonly createCidrReservation: Action<CreateCidrReservationInput, CidrReservation>;
  readonly deleteCidrReservation: Action<{ readonly reservationId: CidrReservationId }, CidrReservation>;
  readonly describeCidrReservations: Action<{ readonly subnetId: SubnetId }, readonly CidrReservation[]>;
}

export interface EniActions {
  readonly createEni: Action<CreateEniInput, Eni>;
  readonly deleteEni: Action<{ readonly eniId: EniId }, void>;
  readonly describeEnis: Describe<EniId, Eni>;
  readonly modifyEni: Action<ModifyEniInput, Eni>;
  readonly attachEni: Action<AttachEniInput, Attachment>;
  readonly detachEni: Action<DetachEniInput, Attachment>;
  readonly assignAddresses: Action<AssignAddressesInput, AssignedAddresses>;
  readonly unassignAddresses: Action<UnassignAddressesInput, void>;
  /** Ends `attaching` or `detaching`; an attachment already settled, or gone, is left alone. Not an EC2 call: time passing. */
  readonly settleAttachment: Action<{ readonly attachmentId: AttachmentId }, void>;
}

export interface InstanceActions {
  readonly runInstances: Action<RunInstancesInput, Reservation>;
  readonly terminateInstances: Action<{ readonly instanceIds: readonly InstanceId[] }, readonly InstanceStateChange[]>;
  readonly stopInstances: Action<{ readonly instanceIds: readonly InstanceId[] }, readonly InstanceStateChange[]>;
  readonly startInstances: Action<{ readonly instanceIds: readonly InstanceId[] }, readonly InstanceStateChange[]>;
  /** Terminated instances stay visible for an hour. */
  readonly describeInstances: Describe<InstanceId, Instance>;
  readonly modifyMetadataOptions: Action<{ readonly instanceId: InstanceId; readonly options: Partial<MetadataOptions> }, Instance>;
  /** Ends `pending`, `stopping` or `shutting-down`; leaves any other state alone. Not an EC2 call: time passing. */
  readonly settleInstance: Action<{ readonly instanceId: InstanceId }, void>;
}

export interface SecurityGroupActions {
  readonly createSecurityGroup: Action<CreateSecurityGroupInput, SecurityGroup>;
  readonly deleteSecurityGroup: Action<{ readonly groupId: SecurityGroupId }, void>;
  readonly describeSecurityGroups: Describe<SecurityGroupId, SecurityGroup>;
  /** Answers the new rules. All of them are made, or none. */
  readonly authorizeRules: Action<AuthorizeRulesInput, readonly SecurityGroupRule[]>;
  /** Answers the rules taken away. */
  readonly revokeRules: Action<RevokeRulesInput, readonly SecurityGroupRule[]>;
}

export interface RoutingActions {
  readonly createRouteTable: Action<{ readonly vpcId: VpcId; readonly tags?: Tags }, RouteTable>;
  readonly deleteRouteTable: Action<{ readonly routeTableId: RouteTableId }, void>;
  readonly describeRouteTables: Describe<RouteTableId, RouteTable>;
  readonly createRoute: Action<RouteInput, RouteTable>;
  readonly replaceRoute: Action<RouteInput, RouteTable>;
  readonly deleteRoute: Action<{ readonly routeTableId: RouteTableId; readonly destination: Cidr4 }, RouteTable>;
  readonly associateRouteTable: Action<{ readonly routeTableId: RouteTableId; readonly subnetId: SubnetId }, RouteTableAssociation>;
  readonly disassociateRouteTable: Action<{ readonly associationId: RouteTableAssociationId }, void>;
  readonly createInternetGateway: Action<{ readonly tags?: Tags }, InternetGateway>;
  readonly deleteInternetGateway: Action<{ readonly gatewayId: InternetGatewayId }, void>;
  readonly describeInternetGateways: Describe<InternetGatewayId, InternetGateway>;
  readonly attachInternetGateway: Action<{ readonly gatewayId: InternetGatewayId; readonly vpcId: VpcId }, InternetGateway>;
  readonly detachInternetGateway: Action<{ readonly gatewayId: InternetGatewayId; readonly vpcId: VpcId }, InternetGateway>;
}

export interface LaunchTemplateActions {
  readonly createLaunchTemplate: Action<CreateLaunchTemplateInput, LaunchTemplate>;
  readonly createLaunchTemplateVersion: Action<CreateLaunchTemplateVersionInput, LaunchTemplateVersion>;
  readonly describeLaunchTemplates: Action<DescribeLaunchTemplatesInput, readonly LaunchTemplate[]>;
  readonly describeLaunchTemplateVersions: Action<DescribeVersionsInput, readonly LaunchTemplateVersion[]>;
  /** Changes which version is the default. */
  readonly modifyLaunchTemplate: Action<TemplateRef & { readonly defaultVersion: string }, LaunchTemplate>;
  readonly deleteLaunchTemplate: Action<TemplateRef, LaunchTemplate>;
  readonly deleteLaunchTemplateVersions: Action<DeleteVersionsInput, DeletedVersions>;
}

export interface TagActions {
  readonly createTags: Action<CreateTagsInput, void>;
  readonly deleteTags: Action<DeleteTagsInput, void>;
  /** Every tag of every resource. */
  readonly describeTags: Action<{}, readonly ResourceTag[]>;
}

export interface CloudActions
  extends VpcActions, SubnetActions, EniActions, InstanceActions, SecurityGroupActions, RoutingActions, LaunchTemplateActions, TagActions {}

/** Looking things up without a call: for whatever stands beside EC2, such as the lab's fabric and the metadata service. */
export interface CloudView {
  vpc(id: VpcId): Vpc | undefined;
  subnet(id: SubnetId): Subnet | undefined;
  subnetUsage(id: SubnetId): SubnetUsage | undefined;
  eni(id: EniId): Eni | undefined;
  enis(): readonly Eni[];
  instance(id: InstanceId): Instance | undefined;
  instances(): readonly Instance[];
  /** The ENIs of an instance by network card and device index; also those still attaching or detaching. */
  attachedEnis(id: InstanceId): readonly Eni[];
  securityGroup(id: SecurityGroupId): SecurityGroup | undefined;
  /** The route table a subnet follows: its own, else the VPC's main one. */
  routeTableOf(id: SubnetId): RouteTable | undefined;
  internetGatewayOf(id: VpcId): InternetGateway | undefined;
  /** The ENI that holds this address in the VPC, as primary, secondary, or inside a prefix. */
  ownerOf(vpcId: VpcId, address: Ipv4): Eni | undefined;
}

/** What one successful call changed. */
export interface CloudChange {
  readonly revision: number;
  readonly action: keyof CloudActions;
  /** Ids of the objects made, changed or deleted. */
  readonly touched: readonly string[];
}

/** One account in one Region. Everything in it follows from the options and the calls made, in order. */
export interface Cloud extends CloudActions {
  readonly region: string;
  readonly accountId: string;
  readonly zones: readonly Zone[];
  readonly quotas: Quotas;
  readonly view: CloudView;
  /** Grows by one with every call that changed something. */
  readonly revision: number;
  /** Calls `listener` after each change, within the call that made it. Returns the way to stop. */
  subscribe(listener: (change: CloudChange) => void): () => void;
}
