export type { Call, Ec2Error, Ec2Result, Millis } from "./result.ts";
export { EC2_ERROR_CODES, type Ec2ErrorCode } from "./error-codes.ts";
export type {
  CidrAssociationId,
  CidrReservationId,
  InternetGatewayId,
  LaunchTemplateId,
  ReservationId,
  RouteTableAssociationId,
  RouteTableId,
  SecurityGroupRuleId,
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
  RoutingActions,
  SecurityGroupActions,
  SubnetActions,
  TagActions,
  VpcActions,
} from "./cloud/cloud.ts";
export type { CloudOptions, Quotas, Zone } from "./cloud/options.ts";
export { createCloud } from "./cloud/create-cloud.ts";
export type { ConnectionTracking } from "./enis/connection-tracking.ts";
export { readAddress, readCidr } from "./addresses/read-text.ts";
export { privateDnsName, publicDnsName } from "./addresses/dns-name.ts";
export type { AssociateVpcCidrInput, CidrAssociation, CreateVpcInput, ModifyVpcInput, Vpc } from "./vpcs/vpc.ts";
export type {
  CidrReservation,
  CreateCidrReservationInput,
  CreateSubnetInput,
  ModifySubnetInput,
  Subnet,
  SubnetUsage,
} from "./subnets/subnet.ts";
export type {
  AssignAddressesInput,
  AssignedAddresses,
  AttachEniInput,
  Attachment,
  Carry,
  CreateEniInput,
  DetachEniInput,
  Eni,
  EniChange,
  EniKind,
  ModifyEniInput,
  UnassignAddressesInput,
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
  RevokeRulesInput,
  RuleDirection,
  RulePeer,
  RuleSpec,
  SecurityGroup,
  SecurityGroupRule,
} from "./security-groups/security-group.ts";
export type { InternetGateway, Route, RouteInput, RouteTable, RouteTableAssociation, RouteTarget } from "./routing/routing.ts";
export type { CreateTagsInput, DeleteTagsInput, ResourceTag, ResourceType, Tag, Tags } from "./tags/tag.ts";
export { tagsFrom } from "./tags/tag-rules.ts";
export { AccountBuckets } from "./throttle/account-buckets.ts";
export { bucketsOf, type BucketDraw, type RequestWeight } from "./throttle/published-buckets.ts";
export type { BucketSize } from "./throttle/token-bucket.ts";
