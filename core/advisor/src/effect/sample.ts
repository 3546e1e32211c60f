import { cidr4Size } from "@slash28/address";
import type { FleetChange, FleetInput, NodeHolding, StartNode } from "@slash28/fleet";
import type { FixRun } from "./run-fix.ts";

/** A smaller fleet is run whole. */
const LARGE = 300;
/** So many nodes of a kind are stood for by one: EC2's smallest buckets have tokens for as many requests at once. */
const STANDS_FOR = 10;

/** Some nodes of a large fleet: of each kind as many as a tenth, one at least. The others are not there, nor is what they hold. */
export interface FleetSample {
  readonly input: FleetInput;
  /** The kind of each sampled node by its name; how many nodes of the fleet are of it. */
  readonly kindOf: ReadonlyMap<string, string>;
  readonly sizeOf: ReadonlyMap<string, number>;
  /** How many nodes of the fleet one of the sample stands for, on average. */
  readonly standsFor: number;
  /** What the nodes that are not sampled hold, by subnet in order of the input. */
  readonly leftOut: readonly number[];
}

/** `undefined`: the fleet is small, or its nodes differ so much that nothing is won. */
export function sampleOf(input: FleetInput): FleetSample | undefined {
  const { initial } = input;
  if (initial === undefined || initial.nodes.length < LARGE) return undefined;
  const kinds = new Map<string, StartNode[]>();
  for (const node of initial.nodes) {
    const kind = kindOf(node);
    kinds.set(kind, [...(kinds.get(kind) ?? []), node]);
  }
  const sampled = [...kinds].map(([kind, nodes]) => ({ kind, nodes: nodes.slice(0, Math.ceil(nodes.length / STANDS_FOR)) }));
  const count = sampled.reduce((sum, { nodes }) => sum + nodes.length, 0);
  if (count > initial.nodes.length / 2) return undefined;
  const names = new Set(sampled.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  return {
    input: {
      ...input,
      initial: { ...initial, nodes: initial.nodes.filter(({ name }) => names.has(name)) },
      ec2: { ...input.ec2, requestsCountAs: initial.nodes.length / count },
    },
    standsFor: initial.nodes.length / count,
    leftOut: heldBy(
      initial.nodes.filter(({ name }) => !names.has(name)),
      input,
    ),
    kindOf: new Map(sampled.flatMap(({ kind, nodes }) => nodes.map(({ name }): [string, string] => [name, kind]))),
    sizeOf: new Map([...kinds].map(([kind, nodes]) => [kind, nodes.length])),
  };
}

/** A fix as it is made on the sample: as many rounds of restarts, of fewer agents each. */
export function onSample({ standsFor }: FleetSample, changes: readonly FleetChange[]): readonly FleetChange[] {
  return changes.map((change) =>
    change.kind === "set-env" ? { ...change, maxUnavailable: Math.max(1, Math.round(change.maxUnavailable / standsFor)) } : change,
  );
}

/** Nodes of one kind differ by which addresses they have, and by nothing that their agents' plans depend on. */
function kindOf({ group, zone, instanceType, maxPods, enis, pods, daemonPods, waitingPods, reservedEnis, isCordoned }: StartNode): string {
  const taken = new Set<number>(pods);
  const held = enis.map(({ subnet, deviceIndex, addresses, prefixes }) => [
    subnet,
    deviceIndex,
    addresses.length,
    addresses.filter((address) => taken.has(address)).length,
    prefixes
      .map((range) => pods.filter((address) => address >= range.base && address < range.base + cidr4Size(range)).length)
      .toSorted((a, b) => a - b),
  ]);
  return JSON.stringify([group, zone, instanceType, maxPods, held, daemonPods, waitingPods, reservedEnis, isCordoned]);
}

function heldBy(nodes: readonly StartNode[], { subnets }: FleetInput): readonly number[] {
  const held = new Map(subnets.map(({ name }) => [name, 0]));
  for (const { enis } of nodes) {
    for (const { subnet, addresses, prefixes } of enis) {
      const count = 1 + addresses.length + prefixes.reduce((sum, range) => sum + cidr4Size(range), 0);
      held.set(subnet, (held.get(subnet) ?? 0) + count);
    }
  }
  return [...held.values()];
}

/**
 * What a sample's run says of the whole fleet. That is exact where no node asks for addresses and no pod waits, for then no node's doing depends on
 * another's, and where all nodes of a kind came to the same; else `undefined`.
 */
export function wholeFleet({ kindOf, sizeOf, leftOut }: FleetSample, run: FixRun): FixRun | undefined {
  const { nodes, asked, waitingBefore, waitingAfter, podsDelayed } = run;
  if (asked > 0 || waitingBefore + waitingAfter + podsDelayed > 0) return undefined;
  const atFirst = byKind(nodes.atFirst, kindOf);
  const before = byKind(nodes.before, kindOf);
  const after = byKind(nodes.after, kindOf);
  if (atFirst === undefined || before === undefined || after === undefined) return undefined;
  const sampled = new Map<string, number>();
  for (const kind of kindOf.values()) sampled.set(kind, (sampled.get(kind) ?? 0) + 1);
  // What the run shows for its own nodes is undone, and put in for all of each kind.
  const rest = (free: readonly number[], moment: ReadonlyMap<string, readonly number[]>): readonly number[] =>
    free.map((each, subnet) => {
      let moved = 0;
      for (const [kind, addresses] of moment) {
        const own = sampled.get(kind) ?? 0;
        const change = (atFirst.get(kind)?.[subnet] ?? 0) - (addresses[subnet] ?? 0);
        moved += change * ((sizeOf.get(kind) ?? own) - own);
      }
      return each + moved - (leftOut[subnet] ?? 0);
    });
  return { ...run, freeBefore: rest(run.freeBefore, before), freeAfter: rest(run.freeAfter, after) };
}

/** What a node of each kind has; `undefined`: nodes of one kind differ. */
function byKind(holdings: readonly NodeHolding[], kindOf: ReadonlyMap<string, string>): ReadonlyMap<string, readonly number[]> | undefined {
  const found = new Map<string, readonly number[]>();
  for (const { node, addresses } of holdings) {
    const kind = kindOf.get(node);
    if (kind === undefined) return undefined;
    const other = found.get(kind);
    if (other !== undefined && String(other) !== String(addresses)) return undefined;
    found.set(kind, addresses);
  }
  return found;
}
