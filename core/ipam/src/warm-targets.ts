import type { NodeFacts } from "./node-facts.ts";
import type { GrowReason } from "./pool-plan.ts";
import type { PoolView, Tally } from "./pool-view.ts";
import type { PoolSettings } from "./settings.ts";

/** Addresses of one prefix. */
export const PREFIX_SIZE = 16;

/** What the settings ask for, in addresses. */
export interface Targets {
  /** Free addresses below which the pool grows. */
  readonly free: number;
  /** Addresses held in all below which the pool grows. */
  readonly held: number;
  /** The least to ask for once the pool grows: a whole ENI's worth under WARM_ENI_TARGET. */
  readonly step: number;
  readonly freeWhy: GrowReason;
  /** Empty slots to keep on the ENIs at hand; an ENI that has no pods and is needed for them stays. None by default. */
  readonly emptySlots?: number;
}

/** Slots of an ENI that pods can use: all but that of its primary address. */
export function slotsPerEni(node: Pick<NodeFacts, "ipv4PerEni">): number {
  return node.ipv4PerEni - 1;
}

/** Addresses per slot of the pool's kind. */
export function blockSize(pool: Pick<PoolView, "kind">): number {
  return pool.kind === "prefix" ? PREFIX_SIZE : 1;
}

/**
 * The targets in force, by upstream's precedence: address targets before WARM_PREFIX_TARGET (with prefixes) or WARM_ENI_TARGET (without). A
 * warm target of 0 prefixes or ENIs still keeps one address ahead of the next pod.
 */
export function targetsOf(pool: Pick<PoolView, "kind">, settings: PoolSettings, node: NodeFacts): Targets {
  const { warmIpTarget, minimumIpTarget } = settings;
  if (warmIpTarget !== undefined || minimumIpTarget !== undefined) {
    return { free: warmIpTarget ?? 0, held: minimumIpTarget ?? 0, step: 1, freeWhy: "below-warm-ip-target" };
  }
  if (pool.kind === "prefix") {
    return { free: Math.max(1, PREFIX_SIZE * settings.warmPrefixTarget), held: 0, step: PREFIX_SIZE, freeWhy: "below-warm-prefix-target" };
  }
  const perEni = slotsPerEni(node);
  return { free: Math.max(1, perEni * settings.warmEniTarget), held: 0, step: perEni, freeWhy: "below-warm-eni-target" };
}

/** How many addresses of the pool's kind are missing, and why; 0 when none are. */
export function shortOf(pool: PoolView, targets: Targets): { readonly addresses: number; readonly why: GrowReason } {
  const short = missing(pool.current, pool.waiting, targets);
  return short.addresses === 0 ? short : { ...short, addresses: Math.max(short.addresses, targets.step) };
}

/** How many addresses these lack, to the last one, and why. */
export function missing(
  { free, held }: Pick<Tally, "free" | "held">,
  waiting: number,
  targets: Targets,
): { readonly addresses: number; readonly why: GrowReason } {
  const forFree = targets.free + waiting - free;
  const addresses = Math.max(forFree, targets.held - held, 0);
  if (addresses > 0 && waiting > free) return { addresses, why: "pods-waiting" };
  return { addresses, why: addresses === 0 || forFree > 0 ? targets.freeWhy : "below-minimum-ip-target" };
}

/**
 * Addresses that pods can still use before max pods is reached; negative when more are held. Addresses at rest do not count as held: nobody can
 * have them, and upstream, which counts them, starves a node after a burst of short-lived pods. Pods on addresses of the other mode count.
 */
export function roomBelowMaxPods(pool: PoolView, node: NodeFacts): number {
  return node.maxPods - pool.leftover.assigned - (pool.current.held - pool.current.cooling);
}
