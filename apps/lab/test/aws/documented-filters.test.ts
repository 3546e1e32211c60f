import { expect, test } from "vitest";
import { aLabCloud, anEndpoint, post } from "./lab-cloud.ts";

/** The filters of the EC2 API reference, by the action that has them; `tag:KEY` and `tag-key` go with all. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  DescribeNetworkInterfaces: `addresses.association.owner-id addresses.association.public-ip addresses.primary addresses.private-ip-address
    association.allocation-id association.association-id association.ip-owner-id association.public-dns-name association.public-ip
    attachment.attach-time attachment.attachment-id attachment.delete-on-termination attachment.device-index attachment.instance-id
    attachment.instance-owner-id attachment.status availability-zone availability-zone-id description group-id interface-type
    ipv6-addresses.ipv6-address mac-address network-interface-id operator.managed operator.principal owner-id private-dns-name
    private-ip-address requester-id requester-managed source-dest-check status subnet-id vpc-id`,
  DescribeSubnets: `availability-zone availabilityZone availability-zone-id availabilityZoneId available-ip-address-count cidr-block cidr
    cidrBlock customer-owned-ipv4-pool default-for-az defaultForAz enable-dns64 enable-lni-at-device-index
    ipv6-cidr-block-association.association-id ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.state ipv6-native
    map-customer-owned-ip-on-launch map-public-ip-on-launch outpost-arn owner-id
    private-dns-name-options-on-launch.enable-resource-name-dns-a-record
    private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record private-dns-name-options-on-launch.hostname-type state subnet-arn
    subnet-id vpc-id`,
  DescribeVpcs: `cidr cidr-block-association.cidr-block cidr-block-association.association-id cidr-block-association.state dhcp-options-id
    ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.ipv6-pool ipv6-cidr-block-association.association-id
    ipv6-cidr-block-association.state is-default owner-id state vpc-id`,
  DescribeSecurityGroups: `description egress.ip-permission.cidr egress.ip-permission.from-port egress.ip-permission.group-id
    egress.ip-permission.group-name egress.ip-permission.ipv6-cidr egress.ip-permission.prefix-list-id egress.ip-permission.protocol
    egress.ip-permission.to-port egress.ip-permission.user-id group-id group-name ip-permission.cidr ip-permission.from-port
    ip-permission.group-id ip-permission.group-name ip-permission.ipv6-cidr ip-permission.prefix-list-id ip-permission.protocol
    ip-permission.to-port ip-permission.user-id owner-id vpc-id`,
  DescribeRouteTables: `association.gateway-id association.route-table-association-id association.route-table-id association.subnet-id
    association.main owner-id route-table-id route.destination-cidr-block route.destination-ipv6-cidr-block
    route.destination-prefix-list-id route.egress-only-internet-gateway-id route.gateway-id route.instance-id route.nat-gateway-id
    route.transit-gateway-id route.origin route.state route.vpc-peering-connection-id vpc-id`,
  DescribeInstances: `architecture availability-zone availability-zone-id client-token dns-name hypervisor iam-instance-profile.arn
    image-id instance-id instance-lifecycle instance-state-code instance-state-name instance-type instance.group-id instance.group-name
    ip-address ipv6-address key-name launch-index launch-time metadata-options.http-tokens metadata-options.http-put-response-hop-limit
    metadata-options.http-endpoint metadata-options.instance-metadata-tags monitoring-state network-interface.addresses.association.public-ip
    network-interface.addresses.primary network-interface.addresses.private-ip-address network-interface.association.public-ip
    network-interface.attachment.attach-time network-interface.attachment.attachment-id
    network-interface.attachment.delete-on-termination network-interface.attachment.device-index network-interface.attachment.instance-id
    network-interface.attachment.instance-owner-id network-interface.attachment.status network-interface.availability-zone
    network-interface.description network-interface.group-id network-interface.group-name
    network-interface.ipv6-addresses.ipv6-address network-interface.mac-address network-interface.network-interface-id
    network-interface.owner-id network-interface.private-dns-name network-interface.requester-id network-interface.requester-managed
    network-interface.status network-interface.source-dest-check network-interface.subnet-id network-interface.vpc-id owner-id
    placement-group-name platform private-dns-name private-ip-address product-code reason requester-id reservation-id root-device-name
    root-device-type source-dest-check spot-instance-request-id state-reason-code subnet-id tenancy virtualization-type vpc-id`,
  DescribeNatGateways: "nat-gateway-id state subnet-id vpc-id",
  DescribeAddresses: `allocation-id association-id instance-id network-border-group network-interface-id network-interface-owner-id
    private-ip-address public-ip`,
};

const endpoint = anEndpoint(aLabCloud().cloud);

test.each(Object.keys(DOCUMENTED))("%s takes each of its documented filters, and no other", async (action) => {
  const refused: string[] = [];
  for (const name of ["tag:Name", "tag-key", ...(DOCUMENTED[action] ?? "").split(/\s+/)]) {
    const { status, body } = await post(endpoint, { Action: action, "Filter.1.Name": name, "Filter.1.Value.1": "*" });
    if (status !== 200) refused.push(`${name}: ${body}`);
  }
  expect(refused).toEqual([]);
  const { status, body } = await post(endpoint, { Action: action, "Filter.1.Name": "colour", "Filter.1.Value.1": "*" });
  expect([status, body.includes("The filter &apos;colour&apos; is invalid")]).toEqual([400, true]);
});
