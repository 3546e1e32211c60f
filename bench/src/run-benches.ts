import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { sentence, type BenchResult, type Outcome } from "./figures/report.ts";
import { Undo } from "./undo.ts";

export interface Place {
  readonly say: (text: string) => void;
  /** Folders of the benchmarks are made below it. */
  readonly cache: string;
  readonly program: string;
  readonly dist: string;
}

/** What is under way. */
export interface Current {
  undo?: Undo;
  isStopped?: boolean;
}

/** Runs benchmarks one after another; one that breaks does not stop the next. `current` is what Ctrl-C must clean up, and stops. */
export async function runBenches(benches: readonly Bench[], place: Place, current: Current): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  const isStopped = (): boolean => current.isStopped === true;
  for (const bench of benches) {
    if (isStopped()) break;
    const started = performance.now();
    const outcome = await runBench(bench, place, current);
    if (outcome.kind !== "measured" && !isStopped()) place.say(sentence(bench.name, outcome));
    results.push({ bench: bench.name, outcome, tookMs: performance.now() - started });
  }
  return results;
}

async function runBench(bench: Bench, { say, cache, program, dist }: Place, current: Current): Promise<Outcome> {
  if (bench.needs === "root" && (process.platform !== "linux" || process.getuid?.() !== 0))
    return { kind: "skipped", why: "it makes network namespaces, which needs Linux and root" };
  const undo = new Undo(say);
  current.undo = undo;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, `${bench.name}-${process.pid}-`));
  undo.add(`the folder ${folder}`, () => rmSync(folder, { recursive: true, force: true }));
  try {
    return { kind: "measured", figures: await bench.run({ say: (text) => say(`${bench.name}: ${text}`), folder, undo, program, dist }) };
  } catch (cause) {
    return { kind: "failed", why: cause instanceof Error ? cause.message : String(cause) };
  } finally {
    await undo.run();
  }
}
