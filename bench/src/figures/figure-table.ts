import { isMet, type Figure } from "./figure.ts";
import { sentence, type Report } from "./report.ts";

const HEAD = ["BENCH", "FIGURE", "VALUE", "AIM", "MET", "NOTE"];
const RIGHT = new Set([2]);
const GAP = "   ";

/** A report as aligned text: a line per figure, then what was left out and why. */
export function figureTable({ results }: Pick<Report, "results">): string {
  const rows = results.flatMap(({ bench, outcome }) =>
    outcome.kind === "measured" ? outcome.figures.map((figure) => rowOf(bench, figure)) : [],
  );
  const left = results.flatMap(({ bench, outcome }) => (outcome.kind === "measured" ? [] : [sentence(bench, outcome)]));
  return [...(rows.length === 0 ? [] : [aligned([HEAD, ...rows])]), ...left].join("\n");
}

function rowOf(bench: string, figure: Figure): string[] {
  const met = isMet(figure);
  return [
    bench,
    figure.name,
    `${readable(figure.value)} ${figure.unit}`,
    aimText(figure),
    met === undefined ? "" : met ? "yes" : "no",
    figure.note ?? "",
  ];
}

/** Three digits that count, more only for whole numbers. */
export function readable(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.01 || size === 0 ? 2 : 4);
}

function aimText({ aim, unit }: Figure): string {
  if (aim === undefined) return "";
  return "most" in aim ? `≤ ${aim.most} ${unit}` : `≥ ${aim.least} ${unit}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const cell = (text: string, at: number): string => (RIGHT.has(at) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0));
  return rows.map((row) => row.map(cell).join(GAP).trimEnd()).join("\n");
}
