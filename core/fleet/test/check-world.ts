import { cidr4Size, formatIpv4, type SubnetId } from "@slash28/address";
import type { FleetNode } from "../src/nodes/node.ts";
import type { World } from "../src/world.ts";

/** What must hold at any time of a run: every address has one owner, and whatever is counted is what there is. */
export function wrongsOf(world: World): readonly string[] {
  world.figures.settle(world.queue.now);
  return [...wrongsOfNodes(world), ...wrongsOfFigures(world)];
}

/** Nodes that are there. */
export function nodesOf(world: World): readonly FleetNode[] {
  return [...world.groups.values()].flatMap((group) => [...group.nodes]);
}

function wrongsOfNodes(world: World): readonly string[] {
  const wrongs: string[] = [];
  const holders = new Map<number, string>();
  for (const node of nodesOf(world)) {
    const { name } = node.identity;
    const { held, assigned, cooling, free } = node.ledger.counts(world.queue.now);
    if (held !== assigned + cooling + free) wrongs.push(`${name}: ${held} held, ${assigned} + ${cooling} + ${free}`);
    const allRunning = node.pods.filter(({ state }) => state === "running");
    const running = allRunning.filter(({ spec }) => !spec.isIsolated);
    wrongs.push(...wrongsOfBranches(world, node, allRunning));
    if (world.input.ipFamily === "ipv6") {
      if (assigned + held > 0) wrongs.push(`${name}: an IPv6 node holds ${held} IPv4 addresses for pods`);
      if (running.length > 0 && !node.hasIpv6Prefix && node.phase === "serving") wrongs.push(`${name}: pods run without a /80`);
    } else if (running.length !== assigned) wrongs.push(`${name}: ${running.length} pods run on ${assigned} addresses`);
    if (node.waiting.some(({ state }) => state !== "waiting")) wrongs.push(`${name}: one in line does not wait`);
    if (allRunning.length + node.waiting.length + (node.branches?.waiting ?? 0) !== node.pods.length)
      wrongs.push(`${name}: pods that neither run nor wait`);
    if (node.freeSeats < 0) wrongs.push(`${name}: ${-node.freeSeats} pods too many`);
    for (const pod of world.input.ipFamily === "ipv6" ? [] : running) {
      const address = pod.address ?? 0;
      const other = holders.get(address);
      if (other !== undefined) wrongs.push(`two pods have ${address}: on ${name} and ${other}`);
      holders.set(address, name);
      if (pod.address === undefined || node.ledger.slotOf(pod.address)?.holder?.key !== pod)
        wrongs.push(`${name}: a pod's address is not its own`);
    }
    wrongs.push(...wrongsOfEnis(world, node));
  }
  return wrongs;
}

/** Each isolated pod that runs has a branch of its own on its node's trunk, and there are no more than the type takes. */
function wrongsOfBranches(world: World, node: FleetNode, running: FleetNode["pods"]): readonly string[] {
  const isolated = running.filter(({ spec }) => spec.isIsolated);
  const { branches } = node;
  const { name } = node.identity;
  if (branches === undefined) return isolated.length === 0 ? [] : [`${name}: ${isolated.length} isolated pods run without a trunk`];
  const tied = world.network.cloud.view.trunkAssociations().filter(({ trunkId }) => trunkId === branches.trunkId);
  const own = new Set(tied.map(({ branchId }) => branchId));
  const without = isolated.filter((pod) => !own.has(branches.branchOf(pod)?.eniId ?? ("" as never)));
  return [
    ...without.map((pod) => `${name}: pod ${pod.containerId} runs without a branch on the trunk`),
    ...(tied.length > branches.limit ? [`${name}: ${tied.length} branches of ${branches.limit}`] : []),
    ...(branches.pods > branches.limit ? [`${name}: ${branches.pods} isolated pods of ${branches.limit}`] : []),
  ];
}

/** Pods' addresses are on ENIs that EC2 has on the instance. */
function wrongsOfEnis(world: World, node: FleetNode): readonly string[] {
  return node.ledger.enis().flatMap(({ facts, blocks, assigned }) => {
    if (assigned === 0) return [];
    const eni = world.network.cloud.view.eni(facts.id);
    if (eni?.attachment?.instanceId !== node.identity.instanceId) return [`${node.identity.name}: ${facts.id} is not on the instance`];
    const has = new Set([...eni.secondaryAddresses, ...eni.prefixes.map(({ base }) => base)]);
    const lost = [...blocks.values()].filter((block) => block.assigned > 0 && !has.has(block.cidr.base));
    return lost.map(({ cidr }) => `${node.identity.name}: ${formatIpv4(cidr.base)} is not on ${facts.id}`);
  });
}

function wrongsOfFigures(world: World): readonly string[] {
  const { figures, network, scheduler } = world;
  const wrongs: string[] = [];
  const same = (what: string, counted: number, is: number): void => {
    if (counted !== is) wrongs.push(`${what}: counted ${counted}, there are ${is}`);
  };
  const nodes = nodesOf(world);
  const heldIn = new Map<SubnetId, number>();
  const ipv6PrefixesIn = new Map<SubnetId, number>();
  for (const eni of network.cloud.view.enis()) {
    if (eni.description === "another tenant") continue;
    const held = eni.secondaryAddresses.length + eni.prefixes.reduce((sum, prefix) => sum + cidr4Size(prefix), 0);
    ipv6PrefixesIn.set(eni.subnetId, (ipv6PrefixesIn.get(eni.subnetId) ?? 0) + eni.ipv6Prefixes.length);
    heldIn.set(eni.subnetId, (heldIn.get(eni.subnetId) ?? 0) + held);
  }
  for (const subnet of network.subnets) {
    const { name } = subnet.spec;
    same(`${name}: held`, subnet.holdings.held.value, heldIn.get(subnet.id) ?? 0);
    same(`${name}: IPv6 prefixes`, subnet.ipv6Prefixes.value, ipv6PrefixesIn.get(subnet.id) ?? 0);
    same(`${name}: used`, subnet.used.value, subnet.usable - network.freeIn(subnet));
    const { held, assigned, cooling, idle } = subnet.holdings;
    same(`${name}: idle`, idle.value, held.value - assigned.value - cooling.value);
  }
  const sum = (of: (node: FleetNode) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  const cooling = sum((node) => node.ledger.counts(world.queue.now).cooling);
  const runningOf = (node: FleetNode, isIsolated: boolean): number =>
    node.pods.filter(({ state, spec }) => state === "running" && spec.isIsolated === isIsolated).length;
  const pooled = sum((node) => runningOf(node, false));
  const running = pooled + sum((node) => runningOf(node, true));
  same("branch ENIs", figures.branchEnis.value, network.cloud.view.enis().filter((eni) => eni.description === "aws-k8s-branch-eni").length);
  same("cooling", figures.fleet.cooling.value, cooling);
  same(
    "cooling in subnets",
    network.subnets.reduce((total, { holdings }) => total + holdings.cooling.value, 0),
    cooling,
  );
  const assigned = world.input.ipFamily === "ipv6" ? 0 : pooled;
  same("assigned", figures.fleet.assigned.value, assigned);
  same(
    "assigned in subnets",
    network.subnets.reduce((total, { holdings }) => total + holdings.assigned.value, 0),
    assigned,
  );
  same("running", figures.podsRunning.value, running);
  same(
    "waiting",
    figures.podsWaiting,
    sum((node) => node.waiting.length + (node.branches?.waiting ?? 0)),
  );
  same("nodes", figures.nodes.value, nodes.length);
  if (scheduler.pendingCount < 0 || figures.pinned.value < 0) wrongs.push("less than nothing is counted");
  return wrongs;
}
