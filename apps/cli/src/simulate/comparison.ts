import type { FleetResult, FleetSummary, NodeGroupResult } from "@slash28/fleet";
import { renderTable, type Column } from "../output/index.ts";
import { bestOf, FIGURES, type Figure } from "./figures.ts";
import { countText } from "./quantities.ts";
import type { Scenario } from "./scenario.ts";

/** One of the runs that are compared. */
export interface ComparedRun {
  /** What its column is called. */
  readonly name: string;
  readonly file: string;
  readonly scenario: Scenario;
  readonly result: FleetResult;
}

/** Runs beside one another: `-o json` of it is this. */
export interface Comparison {
  readonly runs: readonly {
    readonly name: string;
    readonly file: string;
    readonly summary: FleetSummary;
    readonly nodeGroups: readonly NodeGroupResult[];
  }[];
  /** In order of the figures; `change` is that from the first run to the last. */
  readonly figures: readonly {
    readonly figure: string;
    readonly values: readonly (number | null)[];
    readonly change: number | null;
    readonly isDifferent: boolean;
  }[];
}

export function comparisonOf(runs: readonly ComparedRun[]): Comparison {
  return {
    runs: runs.map(({ name, file, result: { summary, nodeGroups } }) => ({ name, file, summary, nodeGroups })),
    figures: FIGURES.map((figure) => {
      const values = runs.map(({ result }) => figure.of(result.summary));
      return { figure: figure.key, values, change: changeOf(values), isDifferent: new Set(values).size > 1 };
    }),
  };
}

function changeOf(values: readonly (number | null)[]): number | null {
  const [first, last] = [values[0], values.at(-1)];
  if (typeof first !== "number" || typeof last !== "number") return null;
  // Differences of decimal fractions, without the dust that binary ones leave.
  return Number((last - first).toFixed(4));
}

/** One figure of every run, as text. */
export interface ComparedRow {
  readonly label: string;
  readonly cells: readonly string[];
  readonly change: string;
}

/** Every figure, then what of each subnet was used; the better of the values has a `*`. */
export function comparedRows(runs: readonly ComparedRun[]): readonly ComparedRow[] {
  return [...FIGURES.map((figure) => figureRow(figure, runs)), ...subnetRows(runs)];
}

/** Side by side: each figure, the better of its values marked. */
export function comparisonText(runs: readonly ComparedRun[], bold: (text: string) => string): string {
  const columns: readonly Column<ComparedRow>[] = [
    { head: "", cell: ({ label }) => label },
    ...runs.map(({ name }, at): Column<ComparedRow> => ({ head: name, cell: ({ cells }) => cells[at] ?? "", align: "right" })),
    { head: "change", cell: ({ change }) => change, align: "right" },
  ];
  const table = renderTable(columns, comparedRows(runs)).replaceAll(/\S+( (ms|s|min|h|d|%)\b( \d+ (min|s|h))?)? \*/g, bold);
  return `${table}\n* the better of a row`;
}

function figureRow(figure: Figure, runs: readonly ComparedRun[]): ComparedRow {
  const values = runs.map(({ result }) => figure.of(result.summary));
  const best = bestOf(values, figure.better);
  const hasBest = best.includes(true);
  return {
    label: figure.label,
    cells: values.map((value, at) => `${figure.text(value)}${best[at] === true ? " *" : hasBest ? "  " : ""}`),
    change: changeText(figure, values),
  };
}

function changeText(figure: Figure, values: readonly (number | null)[]): string {
  const change = changeOf(values);
  if (change === null || change === 0) return new Set(values).size > 1 ? "differs" : "";
  const sign = change > 0 ? "+" : "-";
  return `${sign}${figure.text(Math.abs(change))}`;
}

/** A subnet that only one of the runs has is a difference, too. */
function subnetRows(runs: readonly ComparedRun[]): readonly ComparedRow[] {
  const names = new Set(runs.flatMap(({ result }) => result.summary.subnets.map(({ name }) => name)));
  return [...names].map((name) => {
    const subnets = runs.map(({ result }) => result.summary.subnets.find((subnet) => subnet.name === name));
    const used = subnets.map((subnet) => subnet?.peakUsed ?? null);
    const change = changeOf(used);
    return {
      label: `subnet ${name}, used at most`,
      cells: subnets.map((subnet) => (subnet === undefined ? "–" : `${countText(subnet.peakUsed)} of ${countText(subnet.usable)}`)),
      change: change === null || change === 0 ? "" : `${change > 0 ? "+" : "-"}${countText(Math.abs(change))}`,
    };
  });
}
