import type { Random } from "@slash28/simulation";

/** A time at random until something that happens on average every `meanMs`, whenever it last did. */
export function exponentialMs(random: Random, meanMs: number): number {
  return -meanMs * Math.log1p(-random.next());
}

/** The `index`th of `count` times spread evenly over `withinMs`; the last is at its end. */
export function evenlyMs(index: number, count: number, withinMs: number): number {
  return (withinMs * (index + 1)) / count;
}

/**
 * `count` times at random within a stretch, in order, without keeping them: the next of those that are left is the least of as many times at random
 * in what is left of the stretch.
 */
export function* timesWithin(random: Random, count: number, withinMs: number): Generator<number, undefined> {
  let atMs = 0;
  for (let left = count; left > 0; left--) {
    atMs += (withinMs - atMs) * (1 - (1 - random.next()) ** (1 / left));
    yield atMs;
  }
  return undefined;
}
