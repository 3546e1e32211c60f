import type { PoolSnapshot, SnapshotBlock } from "./pool-snapshot.ts";
import { PREFIX_SIZE } from "./warm-targets.ts";

/** What stands in the way of handing prefixes back, and what a drain would win. */
export interface DefragPlan {
  /** Prefixes that pods hold, those to keep first. */
  readonly prefixes: readonly PinnedPrefix[];
  /** Prefixes without a pod: nothing pins them; the settings keep them, or they go back by themselves. */
  readonly idlePrefixes: readonly string[];
  /** Single addresses that pods hold: each goes back with its own pod. */
  readonly singles: number;
  /** The pods to drain. */
  readonly drain: readonly string[];
  /** Addresses of the prefixes that those pods alone pin. */
  readonly frees: number;
}

export interface PinnedPrefix {
  readonly cidr: string;
  readonly eni: string;
  readonly pods: readonly string[];
  /** Addresses that no pod holds. */
  readonly free: number;
  /** `keep`: it has room for the others' pods, or nothing has room for its own. */
  readonly advice: "keep" | "drain";
}

/**
 * Which prefixes could go back if their pods started anew on this node: the emptiest first, for as long as all their pods fit into what the kept
 * ones have left. New pods get the fullest prefix's addresses, so that is where they go. Cooldown counts as free: it is over sooner than a drain.
 */
export function planDefrag({ blocks }: PoolSnapshot): DefragPlan {
  const prefixes = blocks.filter((block) => block.isPrefix);
  const fullestFirst = prefixes.filter(({ held }) => held.length > 0).toSorted((a, b) => keepFirst(a, b));
  const kept = fullestFirst.slice(0, keptCount(fullestFirst));
  const drained = fullestFirst.slice(kept.length);
  return {
    prefixes: [...kept.map((block) => pinned(block, "keep")), ...drained.map((block) => pinned(block, "drain"))],
    idlePrefixes: prefixes.filter(({ held }) => held.length === 0).map(({ cidr }) => cidr),
    singles: blocks.filter(({ isPrefix }) => !isPrefix).reduce((sum, { held }) => sum + held.length, 0),
    drain: drained.flatMap(podsOf),
    frees: drained.length * PREFIX_SIZE,
  };
}

/** The fewest of the fullest prefixes that hold every pod; one on an ENI that takes no pods has room for nobody else's. */
function keptCount(fullestFirst: readonly SnapshotBlock[]): number {
  for (let kept = 0; kept < fullestFirst.length; kept++) {
    const room = fullestFirst.slice(0, kept).reduce((sum, block) => sum + (block.takesPods ? freeIn(block) : 0), 0);
    const moving = fullestFirst.slice(kept).reduce((sum, block) => sum + block.held.length, 0);
    if (moving <= room) return kept;
  }
  return fullestFirst.length;
}

function keepFirst(a: SnapshotBlock, b: SnapshotBlock): number {
  const byOpen = Number(b.takesPods) - Number(a.takesPods);
  return byOpen || b.held.length - a.held.length || (a.cidr < b.cidr ? -1 : 1);
}

function pinned(block: SnapshotBlock, advice: PinnedPrefix["advice"]): PinnedPrefix {
  return { cidr: block.cidr, eni: block.eni, pods: podsOf(block), free: freeIn(block), advice };
}

function podsOf({ held }: SnapshotBlock): readonly string[] {
  return held.map(({ pod }) => pod).toSorted((a, b) => (a < b ? -1 : 1));
}

function freeIn({ held }: SnapshotBlock): number {
  return Math.max(0, PREFIX_SIZE - held.length);
}
