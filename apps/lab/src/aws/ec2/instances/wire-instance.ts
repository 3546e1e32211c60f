import { formatCidr4, formatIpv4, formatIpv6 } from "@slash28/address";
import { limitsOf } from "@slash28/limits";
import type { _InstanceType, Instance as WireInstance, InstanceNetworkInterface } from "@aws-sdk/client-ec2";
import { privateDnsName, publicDnsName, type Cloud, type Eni, type Instance, type InstanceState } from "@slash28/vpc";
import { tagSet } from "../../query/tag-specifications.ts";
import { wireIpv6 } from "../enis/wire-ipv6.ts";
import { eniAddresses, eniAssociation, eniGroups, wireAttachment } from "../enis/wire-eni.ts";

/** The numbers EC2 gives instance states (EC2 API reference, InstanceState). */
const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function wireState(state: InstanceState): { Code: number; Name: InstanceState } {
  return { Code: STATE_CODES[state], Name: state };
}

/** An instance as DescribeInstances shows it. */
export function wireInstance(cloud: Cloud, instance: Instance): WireInstance {
  const enis = cloud.view.attachedEnis(instance.id);
  const [primary] = enis;
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    State: wireState(instance.state),
    InstanceType: instance.type as _InstanceType,
    AmiLaunchIndex: instance.launchIndex,
    LaunchTime: new Date(instance.launchedAt),
    Placement: { AvailabilityZone: instance.zone, GroupName: "", Tenancy: "default" },
    Monitoring: { State: "disabled" },
    SubnetId: instance.enis.length === 0 ? undefined : instance.subnetId,
    VpcId: instance.enis.length === 0 ? undefined : instance.vpcId,
    ...names(cloud, instance),
    Ipv6Address: primary?.ipv6Addresses[0] === undefined ? undefined : formatIpv6(primary.ipv6Addresses[0]),
    ...machine(instance),
    NetworkInterfaces: enis.map((eni) => instanceEni(cloud, eni)),
    SecurityGroups: primary === undefined ? [] : eniGroups(cloud, primary),
    SourceDestCheck: primary?.hasSourceDestCheck,
    MetadataOptions: {
      State: "applied",
      HttpTokens: instance.metadata.needsToken ? "required" : "optional",
      HttpPutResponseHopLimit: instance.metadata.hopLimit,
      HttpEndpoint: instance.metadata.isEnabled ? "enabled" : "disabled",
      HttpProtocolIpv6: "disabled",
      InstanceMetadataTags: instance.metadata.showsTags ? "enabled" : "disabled",
    },
    IamInstanceProfile: instance.instanceProfile === undefined ? undefined : { Arn: profileArn(instance, instance.instanceProfile) },
    Tags: tagSet(instance.tags),
  };
}

/** What names the instance: addresses, host names, key, token. */
function names(cloud: Cloud, { privateAddress, publicAddress, keyName, clientToken }: Instance): Partial<WireInstance> {
  return {
    PrivateIpAddress: privateAddress === undefined ? undefined : formatIpv4(privateAddress),
    PrivateDnsName: privateAddress === undefined ? "" : privateDnsName(cloud.region, privateAddress),
    PublicIpAddress: publicAddress === undefined ? undefined : formatIpv4(publicAddress),
    PublicDnsName: publicAddress === undefined ? "" : publicDnsName(cloud.region, publicAddress),
    KeyName: keyName,
    ClientToken: clientToken ?? "",
  };
}

/** What follows from the instance type. */
function machine({ type, state }: Instance): Partial<WireInstance> {
  const limits = limitsOf(type);
  return {
    Architecture: architectureOf(type),
    // The instance's own field says xen on Nitro types too, as in EC2; DescribeInstanceTypes tells them apart.
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    EnaSupport: limits?.hypervisor !== "xen",
    EbsOptimized: false,
    RootDeviceType: "ebs",
    RootDeviceName: "/dev/xvda",
    BlockDeviceMappings: [],
    ProductCodes: [],
    StateTransitionReason: state === "terminated" || state === "shutting-down" ? "User initiated" : "",
  };
}

function instanceEni(cloud: Cloud, eni: Eni): InstanceNetworkInterface {
  const { InstanceId: _, InstanceOwnerId: __, ...attachment } = eni.attachment === undefined ? {} : wireAttachment(cloud, eni.attachment);
  return {
    NetworkInterfaceId: eni.id,
    InterfaceType: eni.kind,
    MacAddress: eni.mac,
    Description: eni.description,
    OwnerId: eni.ownerId,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    Status: eni.status,
    SourceDestCheck: eni.hasSourceDestCheck,
    PrivateIpAddress: formatIpv4(eni.primaryAddress),
    PrivateDnsName: privateDnsName(cloud.region, eni.primaryAddress),
    PrivateIpAddresses: eniAddresses(cloud, eni),
    Ipv4Prefixes: eni.prefixes.length === 0 ? undefined : eni.prefixes.map((prefix) => ({ Ipv4Prefix: formatCidr4(prefix) })),
    ...wireIpv6(eni),
    Groups: eniGroups(cloud, eni),
    Association: eniAssociation(cloud, eni),
    Attachment: attachment,
  };
}

export function profileArn({ ownerId }: Instance, profile: string): string {
  return profile.startsWith("arn:") ? profile : `arn:aws:iam::${ownerId}:instance-profile/${profile}`;
}

/** Graviton families carry a `g` after their generation (`m7g`, `c6gn`); `a1` came before that rule. */
export function architectureOf(instanceType: string): "arm64" | "x86_64" {
  return /^(?:a1|[a-z]+\d+g[a-z]*)\./.test(instanceType) ? "arm64" : "x86_64";
}
