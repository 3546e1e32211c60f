import { formatCidr4, formatIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import type { Ec2ErrorCode } from "./error-codes.ts";
import type { Ec2Error } from "./result.ts";

const ID_FORM = /^[a-z-]+-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

function error(code: Ec2ErrorCode, message: string): Ec2Error {
  return { code, message };
}

/** EC2 tells ids that could not exist apart from ids that do not. */
function unknownOrMalformed(prefix: string, id: string, codes: { malformed: Ec2ErrorCode; unknown: Ec2Error }): Ec2Error {
  if (id.startsWith(`${prefix}-`) && ID_FORM.test(id)) return codes.unknown;
  return error(codes.malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}

export function invalidValue(message: string): Ec2Error {
  return error("InvalidParameterValue", message);
}

export function invalidCombination(message: string): Ec2Error {
  return error("InvalidParameterCombination", message);
}

export function missing(parameter: string): Ec2Error {
  return error("MissingParameter", `The request must contain the parameter ${parameter}`);
}

/** The words EC2 uses are not published. */
export function noIpv6Cidr(subnetId: string): Ec2Error {
  return invalidValue(`The subnet '${subnetId}' does not have an IPv6 CIDR block associated with it.`);
}

export const wouldSucceed = error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");

/** Nothing by this id. Clients read the id from between the quotes. */
export const unknown = {
  vpc: (id: string) => error("InvalidVpcID.NotFound", `The vpc ID '${id}' does not exist`),
  subnet: (id: string) => error("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`),
  reservation: (id: string) => error("InvalidSubnetCidrReservationID.NotFound", `The subnet CIDR reservation ID '${id}' does not exist`),
  cidrAssociation: (id: string) =>
    error("InvalidCidrBlockAssociationID.NotFound", `The vpc CIDR block association ID '${id}' does not exist`),
  subnetCidrAssociation: (id: string) =>
    error("InvalidSubnetCidrBlockAssociationID.NotFound", `The subnet CIDR block association ID '${id}' does not exist`),
  elasticAddress: (id: string) => error("InvalidAllocationID.NotFound", `The allocation ID '${id}' does not exist`),
  elasticAssociation: (id: string) => error("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`),
  natGateway: (id: string) => error("NatGatewayNotFound", `The Nat Gateway ${id} was not found`),
  egressOnlyGateway: (id: string) => error("InvalidGatewayID.NotFound", `The egressOnlyInternetGateway ID '${id}' does not exist`),
  trunkAssociation: (id: string) => error("InvalidAssociationID.NotFound", `The trunk interface association ID '${id}' does not exist`),
  eniPermission: (id: string) => error("InvalidPermissionID.NotFound", `The network interface permission ID '${id}' does not exist`),
  eni: (id: string) =>
    unknownOrMalformed("eni", id, {
      malformed: "InvalidNetworkInterfaceID.Malformed",
      unknown: error("InvalidNetworkInterfaceID.NotFound", `The networkInterface ID '${id}' does not exist`),
    }),
  attachment: (id: string) => error("InvalidAttachmentID.NotFound", `The attachment ID '${id}' does not exist`),
  instance: (id: string) =>
    unknownOrMalformed("i", id, {
      malformed: "InvalidInstanceID.Malformed",
      unknown: error("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`),
    }),
  group: (id: string) => error("InvalidGroup.NotFound", `The security group '${id}' does not exist`),
  /** As told when an ENI is created. */
  groupOfNewEni: (id: string) => error("InvalidSecurityGroupID.NotFound", `The securityGroup ID '${id}' does not exist`),
  rule: (id: string) => error("InvalidSecurityGroupRuleId.NotFound", `The security group rule ID '${id}' does not exist`),
  routeTable: (id: string) => error("InvalidRouteTableID.NotFound", `The routeTable ID '${id}' does not exist`),
  routeTableAssociation: (id: string) => error("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`),
  gateway: (id: string) => error("InvalidInternetGatewayID.NotFound", `The internetGateway ID '${id}' does not exist`),
  launchTemplate: (id: string) =>
    unknownOrMalformed("lt", id, {
      malformed: "InvalidLaunchTemplateId.Malformed",
      unknown: error("InvalidLaunchTemplateId.NotFound", `The specified launch template, with template ID ${id}, does not exist.`),
    }),
  launchTemplateName: () =>
    error("InvalidLaunchTemplateName.NotFoundException", "At least one of the launch templates specified in the request does not exist."),
  launchTemplateVersion: (id: string, version: string) =>
    error(
      "InvalidLaunchTemplateId.VersionNotFound",
      `Could not find the specified version ${version} for the launch template with ID ${id}.`,
    ),
  resource: (id: string) => error("InvalidID", `The ID '${id}' is not valid`),
} as const;

/** A quota of the account or a limit of the object is used up. */
export const atLimit = {
  vpcs: () => error("VpcLimitExceeded", "The maximum number of VPCs has been reached."),
  cidrs: (vpcId: string, max: number) =>
    error("CidrLimitExceeded", `This network '${vpcId}' has met its maximum number of allowed CIDRs: ${max}`),
  subnets: () => error("SubnetLimitExceeded", "The maximum number of subnets has been reached."),
  enis: () => error("NetworkInterfaceLimitExceeded", "The maximum number of network interfaces has been reached."),
  groups: () => error("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached."),
  groupsPerEni: () =>
    error("SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached."),
  rules: () => error("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached."),
  routeTables: () => error("RouteTableLimitExceeded", "The maximum number of route tables has been reached."),
  routes: () => error("RouteLimitExceeded", "The maximum number of routes has been reached."),
  gateways: () => error("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached."),
  launchTemplates: () => error("LaunchTemplateLimitExceeded", "The maximum number of launch templates has been reached."),
  launchTemplateVersions: () =>
    error("LaunchTemplateVersionLimitExceeded", "The maximum number of versions of this launch template has been reached."),
  publicAddresses: () => error("AddressLimitExceeded", "The maximum number of addresses has been reached."),
  ipv6Slots: () => error("Ipv6AddressLimitExceeded", "Number of IPv6 addresses will exceed limit."),
  natGateways: (zone: string, max: number) =>
    error("NatGatewayLimitExceeded", `Performing this operation would exceed the limit of ${max} NAT gateways in ${zone}`),
  egressOnlyGateways: () =>
    error("EgressOnlyInternetGatewayLimitExceeded", "The maximum number of egress-only internet gateways has been reached."),
  branches: (max: number, type: string) =>
    error("AttachmentLimitExceeded", `Branch interface count exceeds the limit of ${max} for ${type}`),
  slots: () => error("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit."),
  attachments: (count: number, type: string) => error("AttachmentLimitExceeded", `Interface count ${count} exceeds the limit for ${type}`),
} as const;

/** Addresses that cannot be had. */
export const address = {
  noneFree: () =>
    error("InsufficientFreeAddressesInSubnet", "The specified subnet does not have enough free addresses to satisfy the request."),
  noPrefixFree: () => error("InsufficientCidrBlocks", "The specified subnet does not have enough free cidr blocks to satisfy the request."),
  /** What CreateNetworkInterface says where AssignPrivateIpAddresses says InsufficientCidrBlocks. */
  noPrefixForNewEni: () => invalidValue("There aren't sufficient free Ipv4 addresses or prefixes"),
  inUse: () => error("InvalidIPAddress.InUse", "The specified address is already in use."),
  outside: (ip: Ipv4) => invalidValue(`Address ${formatIpv4(ip)} is not within subnet's range`),
  reserved: (ip: Ipv4) => invalidValue(`Address ${formatIpv4(ip)} is in subnet's reserved address range`),
  twice: (what: string) => invalidValue(`Value (${what}) is specified more than once`),
  mayNotMove: (held: readonly string[]) => invalidValue(`[${held.join(", ")}] assigned, but move is not allowed.`),
  isPrimary: (ips: readonly Ipv4[]) => invalidValue(`invalid value for parameter secondary-addresses: [${ips.map(formatIpv4).join(", ")}]`),
  notAssigned: (eniId: string) => invalidValue(`Some of the specified addresses are not assigned to interface ${eniId}`),
  badPrefix: (prefix: Cidr4) => invalidValue(`${formatCidr4(prefix)} is not a /28 prefix within subnet's range`),
} as const;

/** Something else depends on it. */
export const depended = {
  vpc: (id: string) => error("DependencyViolation", `The vpc '${id}' has dependencies and cannot be deleted.`),
  subnet: (id: string) => error("DependencyViolation", `The subnet '${id}' has dependencies and cannot be deleted.`),
  routeTable: (id: string) => error("DependencyViolation", `The routeTable '${id}' has dependencies and cannot be deleted.`),
  gateway: (id: string) => error("DependencyViolation", `The internetGateway '${id}' has dependencies and cannot be deleted.`),
  group: (id: string) => error("DependencyViolation", `resource ${id} has a dependent object`),
  subnetCidr: (id: string) =>
    error("DependencyViolation", `The subnet CIDR block association '${id}' has addresses in use and cannot be removed.`),
  elasticAddress: (publicIp: string) => error("InvalidIPAddress.InUse", `Address ${publicIp} is in use.`),
  cidr: (id: string) => error("DependencyViolation", `The vpc CIDR block association '${id}' has dependencies and cannot be removed.`),
} as const;

export const eniInUse = (id: string): Ec2Error => error("InvalidNetworkInterface.InUse", `Interface: [${id}] in use.`);
export const cannotDelete = (message: string): Ec2Error => error("CannotDelete", message);
export const notPermitted = (message: string): Ec2Error => error("OperationNotPermitted", message);
export const wrongState = (message: string): Ec2Error => error("IncorrectInstanceState", message);
export const badVpcRange = (message: string): Ec2Error => error("InvalidVpc.Range", message);
export const refusal = error;
