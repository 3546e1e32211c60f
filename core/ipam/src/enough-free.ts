import { SIZE_MAX, type SeenDemand } from "./demand-table.ts";
import { mostDueIn, SITUATIONS } from "./situation.ts";

/** A situation is taken for an average one until it was seen for longer than this. */
const PRIOR_MS = 60_000;
/** The chance that a burst comes when it is due for the first time; what was seen counts more from then on. */
const DUE_PRIOR = 0.5;
/** Situations are told apart only where that saves as much of the addresses held on average: smaller differences are mostly chance. */
const WORTH_SHARE = 0.2;

/** One address more in one situation. */
interface Step {
  readonly situation: number;
  readonly address: number;
  /** Windows in which a pod would wait without it. */
  readonly saves: number;
  /** The same by the time for which it is held. */
  readonly perMs: number;
}

interface Sums {
  /** Windows by size. */
  readonly windows: readonly number[];
  readonly spentMs: number;
}

/**
 * The free addresses that are enough in each situation when so many pods may wait. The same number in all of them, unless it is much cheaper to tell
 * them apart.
 */
export function enoughFree(seen: SeenDemand, mayWait: number): readonly number[] {
  const sums = sumsOf(seen);
  const always = enoughAlways(sums, mayWait);
  const apart = enoughApart(seen, sums, mayWait);
  const held = apart.reduce((sum, addresses, situation) => sum + addresses * (seen.spentMs[situation] ?? 0), 0);
  return held < (1 - WORTH_SHARE) * always * sums.spentMs ? apart : apart.map(() => always);
}

/** Pods that found nothing free, were it this number all the time: what a stock that is refilled within a window misses. */
function enoughAlways({ windows }: Sums, mayWait: number): number {
  let larger = 0;
  let waiting = 0;
  for (let size = SIZE_MAX; size > 0; size--) {
    larger += windows[size] ?? 0;
    waiting += larger;
    if (waiting > mayWait) return size;
  }
  return 0;
}

/** Addresses that save least in the time for which they are held are left out first: holding one costs time, so nothing keeps the promise cheaper. */
function enoughApart(seen: SeenDemand, sums: Sums, mayWait: number): readonly number[] {
  const enough = Array.from({ length: SITUATIONS }, () => 0);
  let left = mayWait;
  for (const { situation, address, saves } of stepsOf(seen, sums).sort((a, b) => a.perMs - b.perMs || b.address - a.address)) {
    if (saves <= left) left -= saves;
    else {
      left = 0;
      enough[situation] = Math.max(enough[situation] ?? 0, address);
    }
  }
  return enough;
}

function stepsOf({ windows, spentMs }: SeenDemand, sums: Sums): Step[] {
  const own = Array.from({ length: SITUATIONS }, () => new Float64Array(SIZE_MAX + 1));
  for (const [situation, size, weight] of windows) own[situation]?.fill(weight, size, size + 1);
  const largest = sums.windows.findLastIndex((weight) => weight > 0);
  const steps: Step[] = [];
  for (const [situation, sizes] of own.entries()) {
    const due = mostDueIn(situation);
    let larger = 0;
    let largerAnywhere = 0;
    for (let address = largest; address > 0; address--) {
      larger += sizes[address] ?? 0;
      largerAnywhere += sums.windows[address] ?? 0;
      const average = sums.spentMs === 0 ? 0 : (largerAnywhere / sums.spentMs) * PRIOR_MS;
      const saves = larger + (due === undefined ? average : address <= due ? DUE_PRIOR : 0);
      steps.push({ situation, address, saves, perMs: saves / ((spentMs[situation] ?? 0) + PRIOR_MS) });
    }
  }
  return steps;
}

function sumsOf({ windows, spentMs }: SeenDemand): Sums {
  const sums = Array.from({ length: SIZE_MAX + 1 }, () => 0);
  for (const [, size, weight] of windows) sums[size] = (sums[size] ?? 0) + weight;
  return { windows: sums, spentMs: spentMs.reduce((sum, spent) => sum + spent, 0) };
}
