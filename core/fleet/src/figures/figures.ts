import type { Cidr4, Ipv4 } from "@slash28/address";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { NodeGroup } from "../groups/node-group.ts";
import type { FleetNode } from "../nodes/node.ts";
import type { Exhaustion, ExhaustionReason } from "../fleet-result.ts";
import { Gauge } from "./gauge.ts";
import { Holdings } from "./holdings.ts";
import { Rests, type Rest } from "./rests.ts";
import { StartTimes } from "./start-times.ts";

/** Addresses of one prefix. */
const PREFIX_SIZE = 16;

/** Everything that is counted while a run goes on. */
export class Figures {
  readonly fleet = new Holdings();
  readonly nodes = new Gauge();
  readonly podsRunning = new Gauge();
  readonly pinned = new Gauge();
  readonly branchEnis = new Gauge();
  readonly podStarts = new StartTimes();
  readonly nodesReady = new StartTimes();
  readonly #rests = new Rests();
  podsDelayed = 0;
  podsDelayedByAddresses = 0;
  /** Pods that ended before they started, and those of them that had a node. */
  podsGivenUp = 0;
  podsGivenUpOnNodes = 0;
  /** Pods that have a node and no address; the scheduler knows those without a node. */
  podsWaiting = 0;
  nodesLaunched = 0;
  nodesRemoved = 0;
  launchesFailed = 0;
  lastReadyAt: number | null = null;
  firstExhaustion: Exhaustion | null = null;

  readonly #endRest = ({ group, subnet, until }: Rest): void => this.#cool(group, subnet, -1, until);

  /** Ends rests that are over. Comes before anything is counted, or read. */
  settle(now: number): void {
    this.#rests.end(now, this.#endRest);
  }

  /** Addresses and prefixes came to a node's ENIs, or went. */
  hold(node: FleetNode, subnet: SubnetOfRun, ranges: readonly Cidr4[], sign: 1 | -1, now: number): void {
    this.settle(now);
    let addresses = 0;
    for (const range of ranges) {
      addresses += range.length === 32 ? 1 : PREFIX_SIZE;
      subnet.map.countNodes(range, sign);
    }
    this.fleet.hold(sign * addresses, now);
    subnet.holdings.hold(sign * addresses, now);
    node.identity.group.holdings.hold(sign * addresses, now);
  }

  /** A pod took an address, or left it. */
  assign(node: FleetNode, subnet: SubnetOfRun, address: Ipv4, sign: 1 | -1, now: number): void {
    this.settle(now);
    this.fleet.assign(sign, now);
    subnet.holdings.assign(sign, now);
    node.identity.group.holdings.assign(sign, now);
    const inPrefix = subnet.map.countPods(address, sign);
    if (inPrefix !== undefined) this.#countPrefixPods(node, inPrefix, sign, now);
  }

  /** An address begins to rest until then. */
  rest(node: FleetNode, subnet: SubnetOfRun, until: number, now: number): void {
    if (until <= now) return;
    const { group } = node.identity;
    this.#cool(group, subnet, 1, now);
    this.#rests.add({ until, node, group, subnet, isVoid: false }, node.ledger.cooldownMs);
  }

  /** What rests on a node does so no longer: the node goes, or begins anew. */
  endRestsOf(node: FleetNode, restsIn: (subnet: SubnetOfRun) => number, subnets: Iterable<SubnetOfRun>, now: number): void {
    this.settle(now);
    this.#rests.endOf(node);
    for (const subnet of subnets) this.#cool(node.identity.group, subnet, -restsIn(subnet), now);
  }

  /** Takes note of what ran out, if nothing did before. */
  exhausted(reason: ExhaustionReason, subnet: SubnetOfRun, now: number): void {
    this.firstExhaustion ??= { atSeconds: now / 1_000, subnet: subnet.spec.name, reason };
  }

  /** What prefixes hold beyond the fewest that the node's pods would fit into, if they were moved together. */
  #countPrefixPods(node: FleetNode, podsInPrefix: number, sign: 1 | -1, now: number): void {
    const before = pinnedOn(node);
    node.prefixPods += sign;
    if (sign === 1 && podsInPrefix === 1) node.usedPrefixes++;
    if (sign === -1 && podsInPrefix === 0) node.usedPrefixes--;
    this.pinned.add(pinnedOn(node) - before, now);
  }

  #cool(group: NodeGroup, subnet: SubnetOfRun, change: number, at: number): void {
    if (change === 0) return;
    this.fleet.cool(change, at);
    subnet.holdings.cool(change, at);
    group.holdings.cool(change, at);
  }
}

function pinnedOn(node: FleetNode): number {
  return PREFIX_SIZE * (node.usedPrefixes - Math.ceil(node.prefixPods / PREFIX_SIZE));
}
