export type { Bench, BenchContext } from "./bench.ts";
export { BENCHES } from "./benches.ts";
export { isMet, type Aim, type Figure, type Unit } from "./figures/figure.ts";
export { figureTable } from "./figures/figure-table.ts";
export type { Machine } from "./figures/machine.ts";
export { reportJson, type BenchResult, type Outcome, type Report } from "./figures/report.ts";
