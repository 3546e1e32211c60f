export type { Call, Ec2Error, Ec2Result, Millis } from "./result.ts";
export { EC2_ERROR_CODES, type Ec2ErrorCode } from "./error-codes.ts";
export type {
  CidrAssociationId,
  CidrReservationId,
  EgressOnlyGatewayId,
  ElasticAddressId,
  ElasticAssociationId,
  EniPermissionId,
  InternetGatewayId,
  LaunchTemplateId,
  NatGatewayId,
  NetworkAclAssociationId,
  NetworkAclId,
  ReservationId,
  RouteTableAssociationId,
  RouteTableId,
  SecurityGroupRuleId,
  SubnetCidrAssociationId,
  TrunkAssociationId,
} from "./ids.ts";
export type {
  Action,
  Cloud,
  CloudActions,
  CloudChange,
  CloudView,
  Describe,
  EniActions,
  InstanceActions,
  LaunchTemplateActions,
  PublicAddressActions,
  QuotaActions,
  RoutingActions,
  SecurityGroupActions,
  SubnetActions,
  TagActions,
  VpcActions,
} from "./cloud/cloud.ts";
export type { CloudOptions, Quotas, Zone } from "./cloud/options.ts";
export { createCloud } from "./cloud/create-cloud.ts";
export type { ConnectionTracking } from "./enis/connection-tracking.ts";
export { QUOTAS, type QuotaName, type QuotaSpec, type RaiseQuotaInput } from "./quotas/quotas.ts";
export type { AssociateAddressInput, ElasticAddress, ElasticAssociation } from "./public-addresses/elastic-address.ts";
export type { CreateNatGatewayInput, NatGateway } from "./nat-gateways/nat-gateway.ts";
export type { AssociateTrunkInput, CreateEniPermissionInput, EniPermission, TrunkAssociation } from "./trunks/trunk.ts";
export type { SubnetCidrChange } from "./subnets/ipv6-cidr-actions.ts";
export { readAddress, readCidr, readCidr6, readCidrRange, readIpv6 } from "./addresses/read-text.ts";
export { RESERVED_BY_AWS, reservedByAws } from "./addresses/address-space.ts";
export { privateDnsName, publicDnsName } from "./addresses/dns-name.ts";
export { blockFault, furtherBlockFault } from "./vpcs/cidr-rules.ts";
export { usableAddresses } from "./subnets/usable-addresses.ts";
export type {
  AssociateVpcCidrInput,
  CidrAssociation,
  CreateVpcInput,
  Ipv6CidrAssociation,
  ModifyVpcInput,
  Vpc,
  VpcCidrChange,
} from "./vpcs/vpc.ts";
export type {
  CidrReservation,
  CreateCidrReservationInput,
  CreateSubnetInput,
  ModifySubnetInput,
  Subnet,
  SubnetIpv6Cidr,
  SubnetUsage,
} from "./subnets/subnet.ts";
export type {
  AssignAddressesInput,
  AssignedAddresses,
  AssignedIpv6Addresses,
  AssignIpv6AddressesInput,
  AttachEniInput,
  Attachment,
  Carry,
  CreateEniInput,
  CreateServiceEniInput,
  DetachEniInput,
  Eni,
  EniChange,
  EniKind,
  EniRequester,
  Ipv6Carry,
  ModifyEniInput,
  UnassignAddressesInput,
  UnassignIpv6AddressesInput,
} from "./enis/eni.ts";
export type {
  Instance,
  InstanceState,
  InstanceStateChange,
  LaunchEni,
  MetadataOptions,
  Reservation,
  RunInstancesInput,
} from "./instances/instance.ts";
export type {
  CreateLaunchTemplateInput,
  CreateLaunchTemplateVersionInput,
  DeletedVersions,
  DescribeVersionsInput,
  LaunchTemplate,
  LaunchTemplateData,
  LaunchTemplateVersion,
  TemplateRef,
} from "./launch-templates/launch-template.ts";
export type {
  AuthorizeRulesInput,
  CreateSecurityGroupInput,
  RuleDescriptionsInput,
  ModifyRulesInput,
  RevokeRulesInput,
  RuleDirection,
  RulePeer,
  RuleSpec,
  SecurityGroup,
  SecurityGroupRule,
} from "./security-groups/security-group.ts";
export type {
  EgressOnlyGateway,
  InternetGateway,
  Route,
  RouteInput,
  RouteTable,
  RouteTableAssociation,
  RouteTarget,
} from "./routing/routing.ts";
export type { CreateTagsInput, DeleteTagsInput, ResourceTag, ResourceType, Tag, Tags } from "./tags/tag.ts";
export { tagsFrom } from "./tags/tag-rules.ts";
export { typicalLatencyMs, typicalSettleMs } from "./throttle/latency.ts";
export { AccountBuckets } from "./throttle/account-buckets.ts";
export { bucketsOf, type BucketDraw, type RequestWeight } from "./throttle/published-buckets.ts";
export type { BucketSize } from "./throttle/token-bucket.ts";
export { recordCalls, replayCalls, type LoggedCall, type ReplayFailure } from "./call-log/index.ts";
