import { cidr4Of, cidr4Size, formatCidr4, offsetIpv4, subtractCidrs4, type Cidr4, type Ipv4 } from "@slash28/address";
import type { FleetInput, FleetNodeGroup, FleetSubnet, StartHolding, StartNode } from "@slash28/fleet";
import { QUOTAS, reservedByAws } from "@slash28/vpc";
import type { SeenEni, SeenSubnet } from "../snapshot/aws-objects.ts";
import { usesPool, waitsForAddress, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import { agentEnisOf, isAgents } from "../snapshot/node-holdings.ts";
import { groupNameOf } from "./group-name.ts";
import { eniConfigOf, isForPodsByTag, podSubnetsOf } from "../snapshot/pod-subnets.ts";
import { spaceOf } from "../snapshot/subnet-space.ts";

/**
 * The fleet of a snapshot, as a simulation takes it, standing still: no pods come or go. `why`: what the snapshot does not tell.
 *
 * @param more ids of subnets that nodes have to do with by a fix only
 */
export function fleetOf(
  view: ClusterView,
  more: ReadonlySet<string> = new Set(),
): { readonly input: FleetInput } | { readonly why: string } {
  const nodes = view.nodes.filter(({ node }) => !node.isFargate);
  const why = notKnown(view, nodes);
  return why === undefined ? { input: inputOf(view, nodes, more) } : { why };
}

function notKnown(view: ClusterView, nodes: readonly ViewNode[]): string | undefined {
  const { snapshot } = view;
  if (view.isIpv6) return "IPv6 prefixes of an observed cluster are not simulated";
  if (!view.hasSettings) return "the agent's settings are not in the snapshot";
  if (snapshot.enis === undefined) return "the network interfaces are not in the snapshot";
  if (snapshot.pods === undefined) return "the pods are not in the snapshot";
  if (nodes.length === 0) return "there are no nodes of EC2";
  const unknown = nodes.find(
    ({ limits, subnet, zone, enis }) => limits === undefined || subnet === undefined || zone === undefined || enis.length === 0,
  );
  return unknown === undefined ? undefined : `the type, the subnet or the network interfaces of ${unknown.name} are not in the snapshot`;
}

/** What an account's quota of network interfaces leaves to the fleet: others of the account's take of it, too. */
export function eniQuotaOfFleet({ snapshot: { enis = [] }, nodes }: ClusterView, quota: number): number {
  const own = nodes.filter(({ node }) => !node.isFargate).reduce((sum, node) => sum + agentEnisOf(node).length, 0);
  return Math.max(0, quota - (enis.length - own));
}

function inputOf(view: ClusterView, nodes: readonly ViewNode[], more: ReadonlySet<string>): FleetInput {
  const { snapshot } = view;
  const subnets = subnetsFor(view, nodes, more);
  const zones = [...new Set(nodes.flatMap(({ zone }) => zone ?? []))];
  const quota = snapshot.quotas?.find(({ code }) => code === QUOTAS.enis.code)?.value ?? QUOTAS.enis.defaultValue;
  return {
    region: (zones[0] ?? "").replace(/[a-z]$/, ""),
    vpcCidrs: vpcCidrsFor(view, subnets),
    subnets: subnets.map((subnet) => fleetSubnet(view, subnet, nodes)),
    nodeGroups: groupsFor(nodes),
    env: view.env,
    eniConfigs: eniConfigsFor(view, nodes, subnets),
    daemonPods: 0,
    hostNetworkPods: Math.round(
      nodes.reduce((sum, { pods }) => sum + pods.filter(({ isOnHostNetwork }) => isOnHostNetwork).length, 0) / nodes.length,
    ),
    workloads: [],
    changes: [],
    initial: {
      nodes: nodes.map((node) => startNode(node, subnets)),
      others: subnets.map((subnet) => heldByOthers(view, subnet)),
      pendingPods: 0,
    },
    ec2: {
      throttling: true,
      latency: "typical",
      eniQuota: eniQuotaOfFleet(view, quota),
    },
    durationMs: 0,
    seed: 1,
  };
}

/** Subnets that nodes or their ENIs are in, and those that new ENIs may be made in. */
function subnetsFor(view: ClusterView, nodes: readonly ViewNode[], more: ReadonlySet<string>): readonly SeenSubnet[] {
  const used = nodes.flatMap((node) => [
    ...(node.subnet === undefined ? [] : [node.subnet]),
    ...podSubnetsOf(view, node),
    ...node.enis.flatMap(({ subnetId }) => view.subnet(subnetId) ?? []),
  ]);
  const vpcs = new Set(used.map(({ vpcId }) => vpcId));
  const tagged = (view.snapshot.subnets ?? []).filter((subnet) => isForPodsByTag(subnet) && vpcs.has(subnet.vpcId));
  const named = (view.snapshot.subnets ?? []).filter(({ id }) => more.has(id));
  return [...new Set([...used, ...tagged, ...named])];
}

/** The VPC's ranges; where they are not known, a /16 around each subnet does, for nothing else is made in them. */
function vpcCidrsFor(view: ClusterView, subnets: readonly SeenSubnet[]): readonly Cidr4[] {
  const vpc = view.snapshot.vpcs?.find(({ id }) => id === subnets[0]?.vpcId);
  if (vpc !== undefined) return vpc.cidrs;
  const around = subnets.map(({ cidr }) => cidr4Of(cidr.base, 16));
  return [...new Map(around.map((range) => [formatCidr4(range), range])).values()];
}

function fleetSubnet(view: ClusterView, subnet: SeenSubnet, nodes: readonly ViewNode[]): FleetSubnet {
  const reservations = (view.snapshot.reservations ?? []).filter(({ subnetId }) => subnetId === subnet.id);
  return {
    name: subnet.id,
    id: subnet.id,
    zone: subnet.zone,
    cidr: subnet.cidr,
    isForNodes: nodes.some((node) => node.subnet === subnet),
    tags: subnet.tags,
    reservations: reservations.map(({ cidr, kind }) => ({ cidr, kind })),
  };
}

function groupsFor(nodes: readonly ViewNode[]): readonly FleetNodeGroup[] {
  const groups = new Map<string, FleetNodeGroup>();
  for (const node of nodes) {
    const name = groupNameOf(node);
    const { maxPods } = node.node;
    const before = groups.get(name);
    groups.set(name, {
      name,
      instanceType: node.type ?? "",
      nodes: (before?.nodes ?? 0) + 1,
      ...(maxPods === undefined ? {} : { maxPods }),
      zones: [...new Set([...(before?.zones ?? []), node.zone ?? ""])],
    });
  }
  return [...groups.values()];
}

function eniConfigsFor(view: ClusterView, nodes: readonly ViewNode[], subnets: readonly SeenSubnet[]): Readonly<Record<string, string>> {
  const names = new Set<string>(subnets.map(({ id }) => id));
  return Object.fromEntries(
    nodes.flatMap(({ node, zone }): [string, string][] => {
      const subnetId = eniConfigOf(view, node)?.subnetId;
      return zone === undefined || subnetId === undefined || !names.has(subnetId) ? [] : [[zone, subnetId]];
    }),
  );
}

function startNode(node: ViewNode, subnets: readonly SeenSubnet[]): StartNode {
  const names = new Set<string>(subnets.map(({ id }) => id));
  const enis = agentEnisOf(node).filter(({ subnetId }) => names.has(subnetId));
  const singles = new Set(enis.flatMap(({ addresses }) => addresses));
  const prefixes = enis.flatMap((eni) => eni.prefixes);
  const isHeld = (address: Ipv4): boolean => singles.has(address) || prefixes.some(({ base }) => address >= base && address < base + 16);
  const pods = new Set(node.pods.filter(usesPool).flatMap(({ addresses }) => addresses.filter(isHeld)));
  const { maxPods, isCordoned } = node.node;
  return {
    name: node.name,
    group: groupNameOf(node),
    zone: node.zone ?? "",
    ...(maxPods === undefined ? {} : { maxPods }),
    enis: enis.map(({ subnetId, deviceIndex, primaryAddress, addresses, prefixes }) => ({
      subnet: subnetId,
      deviceIndex: deviceIndex ?? 0,
      primaryAddress,
      addresses,
      prefixes,
    })),
    pods: [...pods],
    daemonPods: node.pods.filter(
      (pod) => usesPool(pod) && pod.owner?.kind === "DaemonSet" && pod.addresses.some((address) => pods.has(address)),
    ).length,
    waitingPods: node.pods.filter((pod) => usesPool(pod) && waitsForAddress(pod)).length,
    reservedEnis: node.enis.length - enis.length,
    isCordoned,
  };
}

/** What nobody of the fleet has: other ENIs, and addresses that EC2 counts as taken without the snapshot saying by whom, at the subnet's end. */
function heldByOthers(view: ClusterView, subnet: SeenSubnet): StartHolding {
  const here = (view.snapshot.enis ?? []).filter(({ subnetId }) => subnetId === subnet.id);
  const fleet = new Set(view.nodes.filter(({ node }) => !node.isFargate).flatMap((node) => agentEnisOf(node)));
  const strangers = here.filter((eni) => !fleet.has(eni) || !isAgents(eni));
  const addresses = strangers.flatMap(({ primaryAddress, addresses }) => [primaryAddress, ...addresses]);
  const unseen = spaceOf(view, subnet).unseen ?? 0;
  return {
    subnet: subnet.id,
    addresses: [...addresses, ...lastFree(subnet, here, unseen)],
    prefixes: strangers.flatMap(({ prefixes }) => prefixes),
  };
}

function lastFree(subnet: SeenSubnet, enis: readonly SeenEni[], count: number): readonly Ipv4[] {
  const used = enis.flatMap(({ primaryAddress, addresses, prefixes }) => [
    ...[primaryAddress, ...addresses].map((address) => cidr4Of(address, 32)),
    ...prefixes,
  ]);
  const free = subtractCidrs4([subnet.cidr], [...used, ...reservedByAws(subnet.cidr)]).toReversed();
  const taken: Ipv4[] = [];
  for (const range of free) {
    for (let at = cidr4Size(range) - 1; at >= 0 && taken.length < count; at--) taken.push(offsetIpv4(range.base, at));
  }
  return taken;
}
