import type { FleetSummary } from "@slash28/fleet";
import type { FieldSetting } from "../cluster-file/field-setting.ts";
import { csvText, renderTable, type Column } from "../output/index.ts";
import { bestOf, FIGURES, type Figure } from "./figures.ts";
import type { Sweep } from "./sweep.ts";

/** One run of a sweep. */
export interface SweptRun {
  readonly settings: readonly FieldSetting[];
  readonly summary: FleetSummary;
}

/** What `-o json` prints of a sweep. */
export interface SweepResult {
  readonly sweeps: readonly { readonly name: string; readonly values: readonly unknown[] }[];
  readonly runs: readonly { readonly set: Readonly<Record<string, unknown>>; readonly summary: FleetSummary }[];
  /** Figure → places in `runs` of the best. Figures in which all runs are alike are not here. */
  readonly best: Readonly<Record<string, readonly number[]>>;
}

export function sweepResult(sweeps: readonly Sweep[], runs: readonly SweptRun[]): SweepResult {
  return {
    sweeps: sweeps.map(({ name, values }) => ({ name, values: values.map(({ value }) => value) })),
    runs: runs.map(({ settings, summary }) => ({ set: Object.fromEntries(settings.map(({ name, value }) => [name, value])), summary })),
    best: Object.fromEntries(
      FIGURES.flatMap((figure) => {
        const best = bestPlaces(figure, runs);
        return best.length === 0 ? [] : [[figure.key, best]];
      }),
    ),
  };
}

export function bestPlaces({ of, better }: Figure, runs: readonly SweptRun[]): readonly number[] {
  const isBest = bestOf(
    runs.map(({ summary }) => of(summary)),
    better,
  );
  return runs.flatMap((_, place) => (isBest[place] === true ? [place] : []));
}

/** A row for each combination in the order it was asked for, the best of each column marked. */
export function sweepText(sweeps: readonly Sweep[], runs: readonly SweptRun[]): string {
  const shown = FIGURES.filter(({ head }) => head !== undefined);
  const places = runs.map((run, place) => ({ ...run, place }));
  type Row = (typeof places)[number];
  const settings = sweeps.map(({ name }, at): Column<Row> => ({
    head: name,
    cell: (row) => valueText(row.settings[at]?.value),
    align: "right",
  }));
  const figures = shown.map((figure): Column<Row> => {
    const best = bestPlaces(figure, runs);
    return {
      head: figure.head ?? figure.label,
      cell: ({ summary, place }) => `${figure.text(figure.of(summary))}${best.includes(place) ? " *" : "  "}`,
      align: "right",
    };
  });
  return `${renderTable([...settings, ...figures], places)}\n* the best of a column; delayed: pods that waited for an address; never: pods that never started`;
}

/** Every figure of every combination: columns are the settings, then the figures by their names in JSON; an empty field is `null`. */
export function sweepCsv(sweeps: readonly Sweep[], runs: readonly SweptRun[]): string {
  const head = [...sweeps.map(({ name }) => name), ...FIGURES.map(({ key }) => key)];
  const rows = runs.map(({ settings, summary }) => [
    ...settings.map(({ value }) => (value === null ? "" : valueText(value))),
    ...FIGURES.map(({ of }) => of(summary) ?? ""),
  ]);
  return csvText([head, ...rows]);
}

export function valueText(value: unknown): string {
  if (value === null) return "(without)";
  return typeof value === "string" ? value : JSON.stringify(value);
}
