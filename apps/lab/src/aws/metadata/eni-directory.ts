import { formatCidr4, formatCidr6, formatIpv4, formatIpv6 } from "@slash28/address";
import { privateDnsName, publicDnsName } from "@slash28/vpc";
import type { EniFacts, InstanceFacts } from "./instance-facts.ts";
import type { MetadataDirectory } from "./metadata-tree.ts";

/**
 * What `network/interfaces/macs/<mac>/` holds. `local-ipv4s` starts with the primary address and leaves out what prefixes hold; `ipv4-prefix` is
 * there only with prefixes, the IPv6 leaves only with IPv6, `network-card` only on types with several cards: clients read a 404 as none, and as card 0.
 */
export function eniDirectory({ instance, region, hasSeveralCards }: InstanceFacts, facts: EniFacts): MetadataDirectory {
  const { eni, vpcCidrs, vpcIpv6Cidrs, subnetIpv6Cidr } = facts;
  const cidrs = vpcCidrs.map(formatCidr4);
  const publicAddress = eni.publicAddress;
  const associations = [
    ...(publicAddress === undefined ? [] : [[formatIpv4(publicAddress), formatIpv4(eni.primaryAddress)]]),
    ...facts.secondaryElastics.map(([open, own]) => [formatIpv4(open), formatIpv4(own)]),
  ];
  return {
    "device-number": String(facts.deviceIndex),
    "interface-id": eni.id,
    ...(publicAddress === undefined
      ? {}
      : {
          "ipv4-associations": Object.fromEntries(associations),
          "public-hostname": publicDnsName(region, publicAddress),
          "public-ipv4s": associations.map(([open]) => open).join("\n"),
        }),
    "ipv6-prefix": eni.ipv6Prefixes.length === 0 ? undefined : eni.ipv6Prefixes.map(formatCidr6).join("\n"),
    ipv6s: eni.ipv6Addresses.length === 0 ? undefined : eni.ipv6Addresses.map(formatIpv6).join("\n"),
    "ipv4-prefix": eni.prefixes.length === 0 ? undefined : eni.prefixes.map(formatCidr4).join("\n"),
    "local-hostname": privateDnsName(region, eni.primaryAddress),
    "local-ipv4s": [eni.primaryAddress, ...eni.secondaryAddresses].map(formatIpv4).join("\n"),
    mac: eni.mac,
    "network-card": hasSeveralCards ? String(facts.networkCard) : undefined,
    "owner-id": instance.ownerId,
    "security-group-ids": eni.groups.join("\n"),
    "security-groups": facts.groupNames.join("\n"),
    "subnet-id": eni.subnetId,
    "subnet-ipv4-cidr-block": formatCidr4(facts.subnetCidr),
    "subnet-ipv6-cidr-blocks": subnetIpv6Cidr === undefined ? undefined : formatCidr6(subnetIpv6Cidr),
    "vpc-ipv6-cidr-blocks": vpcIpv6Cidrs.length === 0 ? undefined : vpcIpv6Cidrs.map(formatCidr6).join("\n"),
    "vpc-id": eni.vpcId,
    "vpc-ipv4-cidr-block": cidrs[0],
    "vpc-ipv4-cidr-blocks": cidrs.join("\n"),
  };
}
