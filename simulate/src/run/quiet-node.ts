import { cidr4Has, cidr4Of, cidr4Size, formatCidr4, offsetIpv4, type Cidr4, type Ipv4, type SubnetId } from "@slash28/address";
import { blockKindOf, isManagedEni, nodeFacts } from "@slash28/ipam";
import { starvationOf, surplusOf, type HeldEni, type QuietNode, type Violation } from "@slash28/simulation";
import type { Eni } from "@slash28/vpc";
import type { AgentHost } from "../agent/agent-host.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import type { Stage } from "./break-something.ts";
import type { World } from "../world/world.ts";

/** What a subnet could give. */
interface Room {
  readonly free: number;
  readonly prefixes: number;
}

export type Rooms = ReadonlyMap<SubnetId, Room>;

/** What the subnets can give now. */
export function roomsOf({ side }: World): Rooms {
  return new Map(
    side.subnets.map((id) => {
      const usage = side.cloud.view.subnetUsage(id);
      return [id, { free: usage?.free ?? 0, prefixes: usage?.freePrefixes ?? 0 }];
    }),
  );
}

/** What must hold once nothing went wrong for some minutes. `earlier`: what the subnets could give when the pool had still time to ask. */
export function checkQuiet({ world, host, kubelet }: Stage, earlier: Rooms): void {
  const agent = host.serving;
  if (agent === undefined)
    return world.report({ invariant: "serving", text: "the agent does not serve pods after minutes without a fault" });
  const node = quietNode({ world, host, kubelet }, earlier);
  world.report(differenceOf(world, host) ?? followedOf(world, host) ?? staleRecord(host, kubelet) ?? surplusOf(node) ?? starvationOf(node));
}

/** After a time longer than two of the hourly sweeps. */
export function checkOrphans(world: World): void {
  const { cloud, instanceId } = world.side;
  for (const eni of cloud.view.enis())
    if (eni.status === "available" && eni.description === `aws-K8S-${instanceId}`)
      world.report({ invariant: "orphan-eni", text: `${eni.id} was made by this node and is attached to nothing` });
}

function managedEnis({ side }: World, host: AgentHost): readonly Eni[] {
  const { manageUntagged } = host.settings.enis;
  return side
    .ownEnis()
    .filter((eni) => isManagedEni({ tags: eni.tags, isPrimary: eni.id === side.primaryEni }, side.instanceId, manageUntagged));
}

/** What changes at EC2 while the node runs, and the agent has to follow. */
function followedOf(world: World, host: AgentHost): Violation | undefined {
  const { side } = world;
  const known = new Set(host.serving?.node.vpcCidrs.map(formatCidr4));
  const strange = side.cloud.view.vpc(side.vpcId)?.cidrs.find(({ cidr }) => !known.has(formatCidr4(cidr)));
  if (strange !== undefined) return { invariant: "vpc-ranges", text: `the agent does not know of ${formatCidr4(strange.cidr)}` };
  // Groups that a dead process set after the next one had compared them are seen at the next change or start; nobody loses an address by it.
  if (world.wire.cameLate.has("setGroups")) return undefined;
  // Those of an ENIConfig are its own; so are those of an ENI that somebody attached, until the primary ENI's change.
  if (host.settings.pool.customNetworking) return undefined;
  const wanted = side.cloud.view.eni(side.primaryEni)?.groups.join();
  const other = managedEnis(world, host).find((eni) => eni.description.startsWith("aws-K8S-") && eni.groups.join() !== wanted);
  return other && { invariant: "security-groups", text: `${other.id} has ${other.groups.join()}, the primary ENI ${wanted}` };
}

function waitsForPods(host: AgentHost, cidr: Cidr4): boolean {
  return addressesOf(cidr).some((address) => host.serving?.node.ledger.slotOf(address)?.block.isLost === true);
}

function addressesOf(cidr: Cidr4): readonly Ipv4[] {
  return Array.from({ length: cidr4Size(cidr) }, (_, index) => offsetIpv4(cidr.base, index));
}

function blocksOf(eni: Eni): readonly Cidr4[] {
  return [...eni.secondaryAddresses.map((address) => cidr4Of(address, 32)), ...eni.prefixes];
}

function differenceOf(world: World, host: AgentHost): Violation | undefined {
  const ledger = host.serving?.node.ledger;
  const differs = (text: string): Violation => ({ invariant: "pool-differs", text });
  const listed = managedEnis(world, host);
  for (const eni of listed) {
    const known = ledger?.eni(eni.id);
    if (known === undefined) return differs(`EC2 has ${eni.id} on the node, the pool does not`);
    for (const cidr of blocksOf(eni))
      // What EC2 took from a running pod and gave to the node again, or a part of it, waits until that pod is gone.
      if (!known.blocks.has(cidr.base) && !waitsForPods(host, cidr))
        return differs(`EC2 has ${formatCidr4(cidr)} on ${eni.id}, the pool does not`);
  }
  for (const known of ledger?.enis() ?? []) {
    // Kept for its pods; it gives out nothing.
    if (known.isGone && known.assigned > 0) continue;
    const eni = listed.find((each) => each.id === known.facts.id);
    const blocks = new Set(eni === undefined ? [] : blocksOf(eni).map(formatCidr4));
    for (const block of known.blocks.values())
      // A lost block stays while pods hold it.
      if (!blocks.has(formatCidr4(block.cidr)) && block.assigned === 0)
        return differs(`the pool has ${formatCidr4(block.cidr)} on ${known.facts.id}, EC2 does not`);
    if (eni === undefined && known.assigned === 0) return differs(`the pool has ${known.facts.id}, EC2 does not have it on the node`);
    if (known.isLeaving) return differs(`${known.facts.id} is still on its way off`);
  }
  return undefined;
}

function staleRecord(host: AgentHost, kubelet: Kubelet): Violation | undefined {
  const known = new Set(Array.from(kubelet.sandboxes, (sandbox) => sandbox.key.containerId));
  const links = new Set(Array.from(kubelet.sandboxes, (sandbox) => sandbox.hostLink));
  for (const { key, owner } of host.serving?.node.ledger.reservations() ?? [])
    if (!known.has(key.containerId) && !links.has(key.containerId))
      return {
        invariant: "stale-record",
        text: `the agent keeps an address for ${key.containerId} of ${owner?.name ?? "no pod"}, which is gone`,
      };
  return undefined;
}

function quietNode({ world, host, kubelet }: Stage, earlier: Rooms): QuietNode {
  const { side, limits, scenario } = world;
  const { pool } = host.settings;
  const addresses = Array.from(kubelet.running(), (sandbox) => sandbox.address).filter((address) => address !== undefined);
  const usesPrefixes = blockKindOf(pool, nodeFacts(limits, scenario.maxPods)) === "prefix";
  const pinned = new Set(
    Array.from(kubelet.running(), (sandbox) =>
      sandbox.robbedInLife === undefined ? undefined : host.serving?.node.ledger.reservationOf(sandbox.key)?.eni,
    ),
  );
  const room = Array.from(roomsOf(world), ([id, { free, prefixes }]) => {
    const before = earlier.get(id);
    return { id, free: Math.min(free, before?.free ?? 0), prefixes: Math.min(prefixes, before?.prefixes ?? 0) };
  });
  const own = managedEnis(world, host);
  const takesPods = (eni: Eni): boolean => !(eni.id === side.primaryEni && pool.customNetworking);
  const enis = own.map((eni): HeldEni => {
    const isPrimary = eni.id === side.primaryEni;
    const slots = 1 + eni.secondaryAddresses.length + eni.prefixes.length;
    return {
      id: eni.id,
      isPrimary,
      takesPods: takesPods(eni),
      canGrow: slots < limits.ipv4PerEni && room.some(({ id, free }) => id === eni.subnetId && free > 0),
      isPinned: pinned.has(eni.id),
      blocks: blocksOf(eni)
        .filter((cidr) => !waitsForPods(host, cidr))
        .map((cidr) => ({ cidr, pods: addresses.filter((address) => cidr4Has(cidr, address)).length })),
    };
  });
  const fitsEni = side.ownEnis().length < Math.min(limits.maxEnis, pool.maxEni ?? limits.maxEnis);
  const open = fitsEni ? room.filter(({ id }) => !pool.customNetworking || id === world.eniConfigSubnet) : [];
  // Single addresses stand in for prefixes on the ENIs at hand; for prefixes alone no ENI is added in another subnet.
  const usable = new Set(own.filter((eni) => takesPods(eni)).map((eni) => eni.subnetId));
  return {
    enis,
    settings: pool,
    usesPrefixes,
    slotsPerEni: limits.ipv4PerEni - 1,
    maxPods: scenario.maxPods,
    canAddEni: open.some(({ free }) => free > 1),
    canHavePrefix: room.some(({ id, prefixes }) => prefixes > 0 && usable.has(id)),
    waiting: kubelet.waiting,
  };
}
