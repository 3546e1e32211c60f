import { formatCidr4, formatIpv4, type Ipv4 } from "@slash28/address";
import type {
  ConnectionTrackingConfiguration,
  GroupIdentifier,
  NetworkInterface,
  NetworkInterfaceAssociation,
  NetworkInterfaceAttachment,
  NetworkInterfacePrivateIpAddress,
} from "@aws-sdk/client-ec2";
import { privateDnsName, publicDnsName, type Attachment, type Cloud, type ConnectionTracking, type Eni } from "@slash28/vpc";
import { tagSet } from "../../query/tag-specifications.ts";

/** An ENI as DescribeNetworkInterfaces shows it. Addresses inside prefixes are not listed one by one, as in EC2. */
export function wireEni(cloud: Cloud, eni: Eni): NetworkInterface {
  const association = eniAssociation(cloud, eni);
  return {
    NetworkInterfaceId: eni.id,
    MacAddress: eni.mac,
    InterfaceType: eni.kind,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    AvailabilityZone: eni.zone,
    AvailabilityZoneId: cloud.zones.find(({ name }) => name === eni.zone)?.id,
    OwnerId: eni.ownerId,
    Description: eni.description,
    Status: eni.status,
    SourceDestCheck: eni.hasSourceDestCheck,
    RequesterManaged: false,
    PrivateIpAddress: formatIpv4(eni.primaryAddress),
    PrivateDnsName: privateDnsName(cloud.region, eni.primaryAddress),
    PrivateIpAddresses: eniAddresses(cloud, eni),
    Ipv4Prefixes: eni.prefixes.map((prefix) => ({ Ipv4Prefix: formatCidr4(prefix) })),
    Ipv6Addresses: [],
    Groups: eniGroups(cloud, eni),
    TagSet: tagSet(eni.tags),
    ConnectionTrackingConfiguration: eni.connectionTracking === undefined ? undefined : wireConnectionTracking(eni.connectionTracking),
    Association: association,
    Attachment: eni.attachment === undefined ? undefined : wireAttachment(cloud, eni.attachment),
  };
}

function wireConnectionTracking(tracking: ConnectionTracking): ConnectionTrackingConfiguration {
  return {
    TcpEstablishedTimeout: tracking.tcpEstablishedTimeout,
    UdpStreamTimeout: tracking.udpStreamTimeout,
    UdpTimeout: tracking.udpTimeout,
  };
}

export function eniAddresses(cloud: Cloud, eni: Eni): NetworkInterfacePrivateIpAddress[] {
  const entry = (address: Ipv4, isPrimary: boolean): NetworkInterfacePrivateIpAddress => ({
    Primary: isPrimary,
    PrivateIpAddress: formatIpv4(address),
    PrivateDnsName: privateDnsName(cloud.region, address),
  });
  return [
    { ...entry(eni.primaryAddress, true), Association: eniAssociation(cloud, eni) },
    ...eni.secondaryAddresses.map((address) => entry(address, false)),
  ];
}

export function eniGroups(cloud: Cloud, eni: Eni): GroupIdentifier[] {
  return eni.groups.map((id) => ({ GroupId: id, GroupName: cloud.view.securityGroup(id)?.name }));
}

/** The mapping to a public address EC2 gave the ENI at launch. */
export function eniAssociation(cloud: Cloud, { publicAddress }: Eni): NetworkInterfaceAssociation | undefined {
  if (publicAddress === undefined) return undefined;
  return { IpOwnerId: "amazon", PublicIp: formatIpv4(publicAddress), PublicDnsName: publicDnsName(cloud.region, publicAddress) };
}

export function wireAttachment(cloud: Cloud, attachment: Attachment): NetworkInterfaceAttachment {
  return {
    AttachmentId: attachment.id,
    InstanceId: attachment.instanceId,
    InstanceOwnerId: cloud.accountId,
    DeviceIndex: attachment.deviceIndex,
    NetworkCardIndex: attachment.networkCard,
    Status: attachment.status,
    AttachTime: new Date(attachment.attachedAt),
    DeleteOnTermination: attachment.deleteOnTermination,
  };
}
