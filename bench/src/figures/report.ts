import { isMet, type Figure } from "./figure.ts";
import type { Machine } from "./machine.ts";

/** What became of one benchmark. */
export type Outcome =
  | { readonly kind: "measured"; readonly figures: readonly Figure[] }
  /** The machine lacks what it needs. */
  | { readonly kind: "skipped"; readonly why: string }
  /** It broke; that a figure misses its aim is no failure. */
  | { readonly kind: "failed"; readonly why: string };

/** Why there are no figures, as a sentence. */
export function sentence(bench: string, outcome: Exclude<Outcome, { readonly kind: "measured" }>): string {
  return outcome.kind === "failed" ? `${bench} failed: ${outcome.why}` : `${bench} was skipped: ${outcome.why}`;
}

export interface BenchResult {
  readonly bench: string;
  readonly outcome: Outcome;
  readonly tookMs: number;
}

/** All that one run found. */
export interface Report {
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly results: readonly BenchResult[];
}

/** As JSON, with `met` worked out for every figure that has an aim. */
export function reportJson(report: Report): string {
  const results = report.results.map(({ bench, outcome, tookMs }) => ({
    bench,
    tookMs: Math.round(tookMs),
    ...(outcome.kind === "measured" ? { kind: outcome.kind, figures: outcome.figures.map(withMet) } : outcome),
  }));
  return JSON.stringify({ measuredAt: report.measuredAt, machine: report.machine, results }, undefined, 2);
}

function withMet(figure: Figure): Figure & { readonly met?: boolean } {
  const met = isMet(figure);
  return met === undefined ? figure : { ...figure, met };
}
