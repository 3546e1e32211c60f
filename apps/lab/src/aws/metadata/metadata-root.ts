import { formatIpv4, formatIpv6 } from "@slash28/address";
import { privateDnsName, publicDnsName } from "@slash28/vpc";
import { eniDirectory } from "./eni-directory.ts";
import type { InstanceFacts } from "./instance-facts.ts";
import type { MetadataDirectory } from "./metadata-tree.ts";
import { isoSeconds, profileName, roleCredentials, roleInfo } from "./role-credentials.ts";

/** Name of the role an instance acts as. */
export type RoleNameOf = (instance: InstanceFacts["instance"]) => string | undefined;

/** Where nobody says otherwise a profile carries the role of its own name. */
export const roleOfProfile: RoleNameOf = ({ instanceProfile }) =>
  instanceProfile === undefined ? undefined : profileName(instanceProfile);

/** The whole tree of an instance. Source: EC2 user guide, "Instance metadata categories". */
export function metadataRoot(facts: InstanceFacts, nowMs: number, roleNameOf: RoleNameOf = roleOfProfile): MetadataDirectory {
  return {
    latest: {
      "meta-data": metaData(facts, nowMs, roleNameOf),
      dynamic: { "instance-identity": { document: identityDocument(facts) } },
      "user-data": facts.instance.userData === undefined ? undefined : Buffer.from(facts.instance.userData, "base64").toString("utf8"),
    },
  };
}

function metaData(facts: InstanceFacts, nowMs: number, roleNameOf: RoleNameOf): MetadataDirectory {
  const { instance, region } = facts;
  const [primary] = facts.enis;
  const address = instance.privateAddress;
  const hostname = address === undefined ? undefined : privateDnsName(region, address);
  const publicAddress = primary?.eni.publicAddress;
  return {
    "ami-id": instance.imageId,
    "ami-launch-index": String(instance.launchIndex),
    hostname,
    iam: iam(facts, nowMs, roleNameOf(facts.instance)),
    "instance-id": instance.id,
    "instance-life-cycle": "on-demand",
    "instance-type": instance.type,
    "local-hostname": hostname,
    "local-ipv4": address === undefined ? undefined : formatIpv4(address),
    ipv6: primary?.eni.ipv6Addresses[0] === undefined ? undefined : formatIpv6(primary.eni.ipv6Addresses[0]),
    mac: primary?.eni.mac,
    network: { interfaces: { macs: Object.fromEntries(facts.enis.map((eni) => [eni.eni.mac, eniDirectory(facts, eni)])) } },
    placement: { "availability-zone": instance.zone, "availability-zone-id": facts.zoneId, region },
    "public-hostname": publicAddress === undefined ? undefined : publicDnsName(region, publicAddress),
    "public-ipv4": publicAddress === undefined ? undefined : formatIpv4(publicAddress),
    "reservation-id": instance.reservationId,
    "security-groups": primary?.groupNames.join("\n"),
    services: { domain: "amazonaws.com", partition: "aws" },
    tags: instance.metadata.showsTags ? { instance: instance.tags } : undefined,
  };
}

function iam({ instance }: InstanceFacts, nowMs: number, role: string | undefined): MetadataDirectory | undefined {
  const profile = instance.instanceProfile;
  if (profile === undefined) return undefined;
  const credentials = role === undefined ? {} : { [role]: roleCredentials(instance, nowMs) };
  return { info: roleInfo(instance, profile, nowMs), "security-credentials": credentials };
}

/** The instance identity document, version 2017-09-30. */
function identityDocument({ instance, region }: InstanceFacts): string {
  const document = {
    accountId: instance.ownerId,
    architecture: /^[a-z]+\d+g[a-z]*\.|^a1\./.test(instance.type) ? "arm64" : "x86_64",
    availabilityZone: instance.zone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: instance.imageId,
    instanceId: instance.id,
    instanceType: instance.type,
    kernelId: null,
    pendingTime: isoSeconds(instance.launchedAt),
    privateIp: instance.privateAddress === undefined ? null : formatIpv4(instance.privateAddress),
    ramdiskId: null,
    region,
    version: "2017-09-30",
  };
  return JSON.stringify(document, null, 2);
}
