import type { AttachmentId, Cidr6, CidrRange, EniId, InstanceId, Ipv4, Ipv6, SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import type {
  AssignAddressesInput,
  AssignedAddresses,
  AssignedIpv6Addresses,
  AssignIpv6AddressesInput,
  AttachEniInput,
  Attachment,
  CreateEniInput,
  CreateServiceEniInput,
  DetachEniInput,
  Eni,
  ModifyEniInput,
  UnassignAddressesInput,
  UnassignIpv6AddressesInput,
} from "../enis/eni.ts";
import type {
  CidrAssociationId,
  CidrReservationId,
  EgressOnlyGatewayId,
  ElasticAddressId,
  ElasticAssociationId,
  EniPermissionId,
  InternetGatewayId,
  NatGatewayId,
  RouteTableAssociationId,
  RouteTableId,
  SubnetCidrAssociationId,
  TrunkAssociationId,
} from "../ids.ts";
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
import type { CreateNatGatewayInput, NatGateway } from "../nat-gateways/nat-gateway.ts";
import type { AssociateAddressInput, ElasticAddress } from "../public-addresses/elastic-address.ts";
import type { RaiseQuotaInput } from "../quotas/quotas.ts";
import type { Call, Ec2Result } from "../result.ts";
import type { EgressOnlyGateway, InternetGateway, RouteInput, RouteTable, RouteTableAssociation, RouteTarget } from "../routing/routing.ts";
import type {
  AuthorizeRulesInput,
  CreateSecurityGroupInput,
  RuleDescriptionsInput,
  ModifyRulesInput,
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
import type { SubnetCidrChange } from "../subnets/ipv6-cidr-actions.ts";
import type { CreateTagsInput, DeleteTagsInput, ResourceTag, Tags } from "../tags/tag.ts";
import type { AssociateTrunkInput, CreateEniPermissionInput, EniPermission, TrunkAssociation } from "../trunks/trunk.ts";
import type {
  AssociateVpcCidrInput,
  CidrAssociation,
  CreateVpcInput,
  Ipv6CidrAssociation,
  ModifyVpcInput,
  Vpc,
  VpcCidrChange,
} from "../vpcs/vpc.ts";
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
  readonly associateVpcCidr: Action<AssociateVpcCidrInput, VpcCidrChange & { readonly association: CidrAssociation }>;
  /** Adds an IPv6 block of Amazon's. */
  readonly associateVpcIpv6Cidr: Action<{ readonly vpcId: VpcId }, VpcCidrChange & { readonly ipv6Association: Ipv6CidrAssociation }>;
  /** Of either family. */
  readonly disassociateVpcCidr: Action<{ readonly associationId: CidrAssociationId }, VpcCidrChange>;
}

export interface SubnetActions {
  readonly createSubnet: Action<CreateSubnetInput, Subnet>;
  readonly deleteSubnet: Action<{ readonly subnetId: SubnetId }, void>;
  readonly describeSubnets: Describe<SubnetId, Subnet>;
  readonly modifySubnet: Action<ModifySubnetInput, Subnet>;
  readonly associateSubnetCidr: Action<{ readonly subnetId: SubnetId; readonly cidr: Cidr6 }, SubnetCidrChange>;
  readonly disassociateSubnetCidr: Action<{ readonly associationId: SubnetCidrAssociationId }, SubnetCidrChange>;
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
  readonly assignIpv6Addresses: Action<AssignIpv6AddressesInput, AssignedIpv6Addresses>;
  readonly unassignIpv6Addresses: Action<UnassignIpv6AddressesInput, AssignedIpv6Addresses>;
  /** Puts an ENI of another AWS service into a subnet. Not an EC2 call: the service's own doing. */
  readonly createServiceEni: Action<CreateServiceEniInput, Eni>;
  readonly deleteServiceEni: Action<{ readonly eniId: EniId }, void>;
  readonly associateTrunk: Action<AssociateTrunkInput, TrunkAssociation>;
  readonly disassociateTrunk: Action<{ readonly associationId: TrunkAssociationId }, TrunkAssociation>;
  readonly describeTrunkAssociations: Describe<TrunkAssociationId, TrunkAssociation>;
  readonly createEniPermission: Action<CreateEniPermissionInput, EniPermission>;
  readonly deleteEniPermission: Action<{ readonly permissionId: EniPermissionId; readonly isForced?: boolean }, void>;
  readonly describeEniPermissions: Describe<EniPermissionId, EniPermission>;
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
  /** Puts other rules in the place of those named; their ids stay. */
  readonly modifyRules: Action<ModifyRulesInput, void>;
  /** Changes the descriptions of rules. */
  readonly changeRuleDescriptions: Action<RuleDescriptionsInput, void>;
  /** Answers the rules taken away. */
  readonly revokeRules: Action<RevokeRulesInput, readonly SecurityGroupRule[]>;
}

export interface RoutingActions {
  readonly createRouteTable: Action<{ readonly vpcId: VpcId; readonly tags?: Tags }, RouteTable>;
  readonly deleteRouteTable: Action<{ readonly routeTableId: RouteTableId }, void>;
  readonly describeRouteTables: Describe<RouteTableId, RouteTable>;
  readonly createRoute: Action<RouteInput, RouteTable>;
  readonly replaceRoute: Action<RouteInput, RouteTable>;
  readonly deleteRoute: Action<{ readonly routeTableId: RouteTableId; readonly destination: CidrRange }, RouteTable>;
  readonly associateRouteTable: Action<{ readonly routeTableId: RouteTableId; readonly subnetId: SubnetId }, RouteTableAssociation>;
  readonly disassociateRouteTable: Action<{ readonly associationId: RouteTableAssociationId }, void>;
  /** The association it answers has another id. */
  readonly replaceRouteTableAssociation: Action<
    { readonly associationId: RouteTableAssociationId; readonly routeTableId: RouteTableId },
    RouteTableAssociation
  >;
  readonly createEgressOnlyGateway: Action<
    { readonly vpcId: VpcId; readonly tags?: Tags; readonly clientToken?: string },
    EgressOnlyGateway
  >;
  readonly deleteEgressOnlyGateway: Action<{ readonly gatewayId: EgressOnlyGatewayId }, void>;
  readonly describeEgressOnlyGateways: Describe<EgressOnlyGatewayId, EgressOnlyGateway>;
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

/** What has public addresses: Elastic IPs, and the NAT gateways that use them. */
export interface PublicAddressActions {
  readonly allocateAddress: Action<{ readonly tags?: Tags }, ElasticAddress>;
  readonly releaseAddress: Action<{ readonly addressId: ElasticAddressId }, void>;
  readonly associateAddress: Action<AssociateAddressInput, ElasticAddress>;
  readonly disassociateAddress: Action<{ readonly associationId: ElasticAssociationId }, void>;
  readonly describeAddresses: Describe<ElasticAddressId, ElasticAddress>;
  readonly createNatGateway: Action<CreateNatGatewayInput, NatGateway>;
  readonly deleteNatGateway: Action<{ readonly natGatewayId: NatGatewayId }, NatGateway>;
  /** Those that are gone stay visible for an hour. */
  readonly describeNatGateways: Describe<NatGatewayId, NatGateway>;
  /** Ends `pending` or `deleting`. Not an EC2 call: time passing. */
  readonly settleNatGateway: Action<{ readonly natGatewayId: NatGatewayId }, void>;
}

export interface QuotaActions {
  /** Changes a quota from now on; answers all of them. Not an EC2 call: Service Quotas' doing. */
  readonly raiseQuota: Action<RaiseQuotaInput, Quotas>;
}

export interface TagActions {
  readonly createTags: Action<CreateTagsInput, void>;
  readonly deleteTags: Action<DeleteTagsInput, void>;
  /** Every tag of every resource. */
  readonly describeTags: Action<{}, readonly ResourceTag[]>;
}

export interface CloudActions
  extends
    VpcActions,
    SubnetActions,
    EniActions,
    InstanceActions,
    SecurityGroupActions,
    RoutingActions,
    PublicAddressActions,
    QuotaActions,
    LaunchTemplateActions,
    TagActions {}

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
  routeTables(): readonly RouteTable[];
  /** The route table a subnet follows: its own, else the VPC's main one. */
  routeTableOf(id: SubnetId): RouteTable | undefined;
  internetGatewayOf(id: VpcId): InternetGateway | undefined;
  egressOnlyGatewaysOf(id: VpcId): readonly EgressOnlyGateway[];
  natGateway(id: NatGatewayId): NatGateway | undefined;
  natGateways(): readonly NatGateway[];
  /** Whether a route of the VPC with this target leads anywhere; if not, EC2 calls it a blackhole. */
  isTargetThere(vpcId: VpcId, target: RouteTarget): boolean;
  /** The Elastic IPs on an ENI's addresses. */
  elasticAddressesOf(id: EniId): readonly ElasticAddress[];
  trunkAssociations(): readonly TrunkAssociation[];
  vpcs(): readonly Vpc[];
  /** The ENI that holds this address in the VPC, as primary, secondary, or inside a prefix. */
  ownerOf(vpcId: VpcId, address: Ipv4 | Ipv6): Eni | undefined;
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
  /** As they are now. */
  readonly quotas: Quotas;
  readonly view: CloudView;
  /** Grows by one with every call that changed something. */
  readonly revision: number;
  /** Calls `listener` after each change, within the call that made it. Returns the way to stop. */
  subscribe(listener: (change: CloudChange) => void): () => void;
}
