import type { PoolSettings } from "@slash28/ipam";
import type { StoreCidr, StoreEni, UpstreamStore } from "./store.ts";

const PREFIX_SIZE = 16;
/** An ENI younger than this is not freed. */
const YOUNG_MS = 60_000;

/** What the daemon's arithmetic works with. */
export interface UpstreamFacts {
  readonly settings: PoolSettings;
  readonly maxEnis: number;
  /** Slots of an ENI beside its primary address. */
  readonly slotsPerEni: number;
  readonly maxPods: number;
}

/** How many addresses, or prefixes with prefix delegation, are missing and to spare by WARM_IP_TARGET and MINIMUM_IP_TARGET. */
export interface ShortOver {
  readonly short: number;
  readonly over: number;
}

/** Either address target switches to address arithmetic. */
export function hasIpTargets({ warmIpTarget, minimumIpTarget }: PoolSettings): boolean {
  return (warmIpTarget ?? 0) !== 0 || (minimumIpTarget ?? 0) !== 0;
}

export function shortOver(store: UpstreamStore, { settings }: UpstreamFacts, now: number): ShortOver {
  const { total, assigned, available } = store.counts(now);
  const warm = settings.warmIpTarget ?? 0;
  const minimum = settings.minimumIpTarget ?? 0;
  const short = Math.max(warm - available, 0, minimum - total);
  if (!store.usesPrefixes) return { short, over: Math.max(Math.min(Math.max(available - warm, 0), total - minimum), 0) };
  const prefixes = total / PREFIX_SIZE;
  const unneeded = Math.max(Math.min(freePrefixes(store), prefixes - Math.ceil((assigned + warm) / PREFIX_SIZE)), 0);
  return {
    short: Math.ceil(short / PREFIX_SIZE),
    over: Math.max(Math.min(unneeded, prefixes - Math.ceil(minimum / PREFIX_SIZE)), 0),
  };
}

/** Whether the pool is to grow. Addresses at rest pass for available. */
export function isLow(store: UpstreamStore, facts: UpstreamFacts, now: number): boolean {
  const { settings, maxPods } = facts;
  const { total, available } = store.counts(now);
  if (total >= maxPods) return false;
  if (hasIpTargets(settings)) return shortOver(store, facts, now).short > 0;
  const wanted = store.usesPrefixes ? PREFIX_SIZE * settings.warmPrefixTarget : addressesPerEni(store, facts) * settings.warmEniTarget;
  return available < wanted || (wanted === 0 && available === 0);
}

/** How many addresses or prefixes an ENI with this much room is asked to take. */
export function askOfEni(store: UpstreamStore, facts: UpstreamFacts, room: number, now: number): number {
  return Math.min(room, wanted(store, facts, now));
}

/** How many a new ENI brings. */
export function askOfNewEni(store: UpstreamStore, facts: UpstreamFacts, now: number): number {
  return Math.min(facts.slotsPerEni, wanted(store, facts, now));
}

function wanted(store: UpstreamStore, facts: UpstreamFacts, now: number): number {
  const { settings, slotsPerEni } = facts;
  const { short } = shortOver(store, facts, now);
  if (!store.usesPrefixes) return hasIpTargets(settings) ? short : slotsPerEni;
  return Math.max(1, hasIpTargets(settings) ? short : settings.warmPrefixTarget - freePrefixes(store));
}

/** Whether another ENI fits. */
export function fitsEni(store: UpstreamStore, { settings, maxEnis }: UpstreamFacts): boolean {
  const limit = settings.maxEni === undefined ? maxEnis : Math.min(maxEnis, settings.maxEni);
  return store.enis.size < limit;
}

/** How many addresses or prefixes without pods go back now; rest is no reason to keep them. */
export function toGiveBack(store: UpstreamStore, facts: UpstreamFacts, now: number): number {
  if (hasIpTargets(facts.settings)) return shortOver(store, facts, now).over;
  return store.usesPrefixes ? Math.max(0, freePrefixes(store) - facts.settings.warmPrefixTarget) : 0;
}

/** Whether to look for an ENI to free. */
export function mayFreeEni(store: UpstreamStore, facts: UpstreamFacts, now: number): boolean {
  const { settings } = facts;
  if (hasIpTargets(settings)) return true;
  const { available } = store.counts(now);
  if (!store.usesPrefixes) return available >= (settings.warmEniTarget + 1) * facts.slotsPerEni;
  const isIdle = (eni: StoreEni): boolean => !eni.isPrimary && blocksOf(store, eni).every((block) => !store.hasPods(block));
  return available >= (settings.warmPrefixTarget + 1) * addressesPerEni(store, facts) || [...store.enis.values()].some(isIdle);
}

/** The ENI that is freed, if any: the first met that has neither pods nor addresses at rest and is not needed for a target. */
export function deletableEni(store: UpstreamStore, facts: UpstreamFacts, now: number): StoreEni | undefined {
  return store
    .walk()
    .find((eni) => !eni.isPrimary && now - eni.addedAt >= YOUNG_MS && isIdle(store, eni, now) && !isNeeded(store, facts, eni));
}

function isIdle(store: UpstreamStore, eni: StoreEni, now: number): boolean {
  return [...eni.cidrs.values()].every((block) => !store.hasPods(block) && !store.hasResting(block, now));
}

function isNeeded(store: UpstreamStore, { settings }: UpstreamFacts, eni: StoreEni): boolean {
  const others = [...store.enis.values()].filter((each) => each !== eni).flatMap((each) => blocksOf(store, each));
  const held = others.reduce((sum, block) => sum + sizeOf(block), 0);
  const free = held - others.reduce((sum, block) => sum + [...block.addresses.values()].filter(({ pod }) => pod !== undefined).length, 0);
  const inBlocks = (addresses: number): number => (store.usesPrefixes ? Math.ceil(addresses / PREFIX_SIZE) * PREFIX_SIZE : addresses);
  const warm = settings.warmIpTarget ?? 0;
  if (warm !== 0 && free < inBlocks(warm)) return true;
  if (held < inBlocks(settings.minimumIpTarget ?? 0)) return true;
  const idlePrefixes = others.filter((block) => !store.hasPods(block)).length;
  return store.usesPrefixes && settings.warmPrefixTarget !== 0 && idlePrefixes < settings.warmPrefixTarget;
}

function freePrefixes(store: UpstreamStore): number {
  return [...store.enis.values()].flatMap((eni) => [...eni.cidrs.values()]).filter((block) => block.isPrefix && !store.hasPods(block))
    .length;
}

function blocksOf(store: UpstreamStore, eni: StoreEni): readonly StoreCidr[] {
  return [...eni.cidrs.values()].filter((block) => block.isPrefix === store.usesPrefixes);
}

function sizeOf(block: StoreCidr): number {
  return block.isPrefix ? PREFIX_SIZE : 1;
}

function addressesPerEni(store: UpstreamStore, { slotsPerEni }: UpstreamFacts): number {
  return store.usesPrefixes ? PREFIX_SIZE * slotsPerEni : slotsPerEni;
}
