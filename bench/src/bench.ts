import type { Figure } from "./figures/figure.ts";
import type { Undo } from "./undo.ts";

/** What a benchmark works with. */
export interface BenchContext {
  /** Says what is being done. */
  readonly say: (text: string) => void;
  /** A folder of its own on a real disk; removed after the run. */
  readonly folder: string;
  /** Whatever outlives a call is registered here the moment it is made. */
  readonly undo: Undo;
  /** This program's file, to run it again. */
  readonly program: string;
  /** Where the build put the other programs. */
  readonly dist: string;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** `root` makes namespaces and links. */
  readonly needs: "nothing" | "root";
  /** Runs only when it is named: it takes many minutes. */
  readonly isLong?: true;
  run(context: BenchContext): Promise<readonly Figure[]>;
}

/** The time a piece of synchronous work takes, in milliseconds. */
export function elapsedMs(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** The same for asynchronous work. */
export async function elapsedMsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Waits for something to be so, looking often; says what was waited for when it never is. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs: number,
): Promise<T> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`waited ${timeoutMs / 1_000} s for ${what}`);
}

/** Runs the work for each item, `width` at a time, and keeps the order of the results. */
export async function atOnce<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as Item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
