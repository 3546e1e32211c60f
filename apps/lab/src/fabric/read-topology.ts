import { cidr4Of, cidr6Of, type Ipv4, type SecurityGroupId } from "@slash28/address";
import type { CloudView, Eni, Instance, RuleDirection, SecurityGroup, SecurityGroupRule, Vpc } from "@slash28/vpc";
import { readRouting } from "./read-routing.ts";
import type { FabricEni, FabricGroup, FabricInstance, FabricRule, Topology } from "./topology.ts";

const RUNNING = new Set<Instance["state"]>(["pending", "running"]);

/** What the fabric must carry, read from the cloud: the network of one VPC. */
export function readTopology(cloud: CloudView, vpc: Vpc): Topology {
  const instances = cloud
    .instances()
    .filter((instance) => instance.vpcId === vpc.id && RUNNING.has(instance.state))
    .map((instance) => fabricInstance(cloud, vpc, instance));
  const ids = new Set(instances.flatMap((instance) => instance.enis.flatMap((eni) => eni.groups)));
  const groups = peersOf(
    [...ids].flatMap((id) => cloud.securityGroup(id) ?? []),
    cloud,
  ).map(fabricGroup);
  const vpcCidrs = vpc.cidrs.map((association) => association.cidr);
  return {
    vpcCidrs,
    vpcIpv6Cidrs: vpc.ipv6Cidrs.map(({ cidr }) => cidr),
    hasInternetGateway: cloud.internetGatewayOf(vpc.id) !== undefined,
    instances,
    groups,
    ...readRouting(cloud, vpc, instances),
  };
}

function fabricInstance(cloud: CloudView, vpc: Vpc, instance: Instance): FabricInstance {
  const attached = cloud.attachedEnis(instance.id).filter((eni) => eni.attachment?.status === "attached");
  const branches = attached.filter(({ kind }) => kind === "trunk").flatMap((trunk) => branchesOf(cloud, vpc, trunk));
  const own = attached.flatMap((eni) => fabricEni(cloud, vpc, eni, { deviceIndex: eni.attachment?.deviceIndex ?? 0 }));
  return { id: instance.id, enis: [...own, ...branches] };
}

/** Branches in a GRE tunnel are not carried. */
function branchesOf(cloud: CloudView, vpc: Vpc, trunk: Eni): FabricEni[] {
  return cloud.trunkAssociations().flatMap(({ trunkId, branchId, over }) => {
    const branch = trunkId === trunk.id && over.protocol === "VLAN" ? cloud.eni(branchId) : undefined;
    if (branch === undefined || over.protocol !== "VLAN") return [];
    const deviceIndex = trunk.attachment?.deviceIndex ?? 0;
    return fabricEni(cloud, vpc, branch, { deviceIndex, vlan: { trunk: trunk.id, id: over.vlanId } });
  });
}

function fabricEni(cloud: CloudView, vpc: Vpc, eni: Eni, place: Pick<FabricEni, "deviceIndex" | "vlan">): FabricEni[] {
  const subnet = cloud.subnet(eni.subnetId);
  if (subnet === undefined) return [];
  const hasGateway = cloud.internetGatewayOf(vpc.id) !== undefined;
  return [
    {
      id: eni.id,
      mac: eni.mac,
      ...place,
      subnet: subnet.cidr,
      primaryAddress: eni.primaryAddress,
      owned: [...[eni.primaryAddress, ...eni.secondaryAddresses].map(host), ...eni.prefixes],
      ownedIpv6: [...eni.ipv6Addresses.map((address) => cidr6Of(address, 128)), ...eni.ipv6Prefixes],
      ...(eni.ipv6Addresses[0] === undefined ? {} : { ipv6Address: eni.ipv6Addresses[0] }),
      groups: eni.groups,
      checkSource: eni.hasSourceDestCheck,
      routeTable: cloud.routeTableOf(eni.subnetId)?.id ?? "",
      publicAddresses: hasGateway ? publicAddressesOf(cloud, eni) : [],
    },
  ];
}

/** Whether they are of use is for the routes to say. */
function publicAddressesOf(cloud: CloudView, eni: Eni): FabricEni["publicAddresses"] {
  const elastic = cloud.elasticAddressesOf(eni.id).flatMap(({ association, publicAddress: open }) => {
    const own = association?.privateAddress;
    return own === undefined ? [] : [{ own, open }];
  });
  const given = eni.elasticAddressId === undefined ? eni.publicAddress : undefined;
  return given === undefined ? elastic : [{ own: eni.primaryAddress, open: given }, ...elastic];
}

/** The groups themselves and those their rules name as peers. */
function peersOf(groups: readonly SecurityGroup[], cloud: CloudView): SecurityGroup[] {
  const all = new Map<SecurityGroupId, SecurityGroup>(groups.map((group) => [group.id, group]));
  for (const { peer } of groups.flatMap((group) => group.rules)) {
    const named = peer.kind === "group" ? cloud.securityGroup(peer.groupId) : undefined;
    if (named !== undefined) all.set(named.id, named);
  }
  return [...all.values()];
}

function fabricGroup(group: SecurityGroup): FabricGroup {
  const side = (direction: RuleDirection): FabricRule[] => group.rules.filter((rule) => rule.direction === direction).flatMap(fabricRule);
  return { id: group.id, ingress: side("ingress"), egress: side("egress") };
}

/** Prefix lists are not carried, nor protocols without ports beyond ICMP. */
function fabricRule(rule: SecurityGroupRule): FabricRule[] {
  const traffic = trafficOf(rule);
  if (traffic === undefined) return [];
  switch (rule.peer.kind) {
    case "cidr4":
      return [{ traffic, peer: { kind: "cidr", cidr: rule.peer.cidr } }];
    case "group":
      return [{ traffic, peer: { kind: "group", id: rule.peer.groupId } }];
    case "cidr6":
      return [{ traffic, peer: { kind: "cidr6", cidr: rule.peer.cidr } }];
    case "prefix-list":
      return [];
    default:
      return rule.peer satisfies never;
  }
}

function trafficOf(rule: SecurityGroupRule): FabricRule["traffic"] | undefined {
  switch (rule.protocol) {
    case "-1":
      return "all";
    case "icmp":
    case "1":
      return { protocol: "icmp" };
    case "icmpv6":
    case "58":
      return { protocol: "icmpv6" };
    case "tcp":
    case "6":
      return ports("tcp", rule);
    case "udp":
    case "17":
      return ports("udp", rule);
    default:
      return undefined;
  }
}

function ports(protocol: "tcp" | "udp", { fromPort, toPort }: SecurityGroupRule): FabricRule["traffic"] {
  return { protocol, fromPort: fromPort ?? 0, toPort: toPort ?? fromPort ?? 65_535 };
}

function host(address: Ipv4): ReturnType<typeof cidr4Of> {
  return cidr4Of(address, 32);
}
