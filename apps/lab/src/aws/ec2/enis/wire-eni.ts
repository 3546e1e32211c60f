import { formatCidr4, formatIpv4, formatIpv6, type Ipv4 } from "@slash28/address";
import type {
  ConnectionTrackingConfiguration,
  GroupIdentifier,
  NetworkInterface,
  NetworkInterfaceAssociation,
  NetworkInterfaceAttachment,
  NetworkInterfacePrivateIpAddress,
  NetworkInterfaceType,
} from "@aws-sdk/client-ec2";
import {
  privateDnsName,
  publicDnsName,
  type Attachment,
  type Cloud,
  type ConnectionTracking,
  type ElasticAddress,
  type Eni,
} from "@slash28/vpc";
import { tagSet } from "../../query/tag-specifications.ts";
import { wireIpv6 } from "./wire-ipv6.ts";

/** An ENI as DescribeNetworkInterfaces shows it. Addresses inside prefixes are not listed one by one, as in EC2. */
export function wireEni(cloud: Cloud, eni: Eni): NetworkInterface {
  const association = eniAssociation(cloud, eni);
  return {
    NetworkInterfaceId: eni.id,
    MacAddress: eni.mac,
    // EC2 says nat_gateway where its model says natGateway.
    InterfaceType: eni.kind as NetworkInterfaceType,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    AvailabilityZone: eni.zone,
    AvailabilityZoneId: cloud.zones.find(({ name }) => name === eni.zone)?.id,
    OwnerId: eni.ownerId,
    Description: eni.description,
    Status: eni.status,
    SourceDestCheck: eni.hasSourceDestCheck,
    RequesterManaged: eni.requester !== undefined,
    RequesterId: eni.requester?.id,
    PrivateIpAddress: formatIpv4(eni.primaryAddress),
    PrivateDnsName: privateDnsName(cloud.region, eni.primaryAddress),
    PrivateIpAddresses: eniAddresses(cloud, eni),
    Ipv4Prefixes: eni.prefixes.map((prefix) => ({ Ipv4Prefix: formatCidr4(prefix) })),
    ...wireIpv6(eni),
    Ipv6Address: eni.ipv6Addresses[0] === undefined ? undefined : formatIpv6(eni.ipv6Addresses[0]),
    Groups: eniGroups(cloud, eni),
    TagSet: tagSet(eni.tags),
    ConnectionTrackingConfiguration: eni.connectionTracking === undefined ? undefined : wireConnectionTracking(eni.connectionTracking),
    Association: association,
    Attachment: anyAttachment(cloud, eni),
  };
}

function wireConnectionTracking(tracking: ConnectionTracking): ConnectionTrackingConfiguration {
  return {
    TcpEstablishedTimeout: tracking.tcpEstablishedTimeout,
    UdpStreamTimeout: tracking.udpStreamTimeout,
    UdpTimeout: tracking.udpTimeout,
  };
}

/** An instance's attachment, or that of the service which made the ENI; a branch has neither. */
function anyAttachment(cloud: Cloud, { attachment, requester, createdAt }: Eni): NetworkInterfaceAttachment | undefined {
  if (attachment !== undefined) return wireAttachment(cloud, attachment);
  if (requester === undefined) return undefined;
  return {
    AttachmentId: requester.attachmentId,
    InstanceOwnerId: requester.attachmentOwner,
    DeviceIndex: 1,
    NetworkCardIndex: 0,
    Status: "attached",
    AttachTime: new Date(createdAt),
    DeleteOnTermination: false,
  };
}

export function eniAddresses(cloud: Cloud, eni: Eni): NetworkInterfacePrivateIpAddress[] {
  const entry = (address: Ipv4, isPrimary: boolean): NetworkInterfacePrivateIpAddress => ({
    Primary: isPrimary,
    PrivateIpAddress: formatIpv4(address),
    PrivateDnsName: privateDnsName(cloud.region, address),
  });
  const elastics = eni.secondaryAddresses.length === 0 ? [] : cloud.view.elasticAddressesOf(eni.id);
  return [
    { ...entry(eni.primaryAddress, true), Association: eniAssociation(cloud, eni) },
    ...eni.secondaryAddresses.map((address) => {
      const elastic = elastics.find(({ association }) => association?.privateAddress === address);
      return { ...entry(address, false), Association: elastic === undefined ? undefined : elasticAssociation(cloud, elastic) };
    }),
  ];
}

export function eniGroups(cloud: Cloud, eni: Eni): GroupIdentifier[] {
  return eni.groups.map((id) => ({ GroupId: id, GroupName: cloud.view.securityGroup(id)?.name }));
}

/** The mapping of the primary address to a public one: an Elastic IP, or the one EC2 gave the ENI at launch. */
export function eniAssociation(cloud: Cloud, { id, publicAddress, elasticAddressId }: Eni): NetworkInterfaceAssociation | undefined {
  if (publicAddress === undefined) return undefined;
  const elastic =
    elasticAddressId === undefined ? undefined : cloud.view.elasticAddressesOf(id).find((each) => each.id === elasticAddressId);
  if (elastic !== undefined) return elasticAssociation(cloud, elastic);
  return { IpOwnerId: "amazon", PublicIp: formatIpv4(publicAddress), PublicDnsName: publicDnsName(cloud.region, publicAddress) };
}

function elasticAssociation(cloud: Cloud, { id, ownerId, publicAddress, association }: ElasticAddress): NetworkInterfaceAssociation {
  return {
    AllocationId: id,
    AssociationId: association?.id,
    IpOwnerId: ownerId,
    PublicIp: formatIpv4(publicAddress),
    PublicDnsName: publicDnsName(cloud.region, publicAddress),
  };
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
