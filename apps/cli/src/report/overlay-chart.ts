import type { FleetResult, SeriesRow } from "@slash28/fleet";
import { curveStepAfter, line } from "d3-shape";
import { countText } from "../simulate/quantities.ts";
import { chart, chartScales, stepsOf } from "./chart.ts";
import { legendItem, markup, type Html } from "./html.ts";

/** One run's curve. */
export interface OverlaidRun {
  readonly name: string;
  readonly result: FleetResult;
}

/** More curves than these colours begin again with the first. */
const COLOURS = 6;
const HEADROOM = 1.08;

/** One quantity of several runs over time, in one chart. */
export function overlayChart(title: string, runs: readonly OverlaidRun[], of: (row: SeriesRow) => number): Html {
  const peaks = runs.map(({ result }) => result.series.reduce((most, row) => Math.max(most, of(row)), 0));
  const seconds = Math.max(...runs.map(({ result }) => result.summary.ranSeconds));
  const scales = chartScales(seconds, Math.max(...peaks) * HEADROOM);
  const { x, y } = scales;
  const curves = runs.map(({ result }, at) => {
    const path = line<SeriesRow>()
      .digits(1)
      .curve(curveStepAfter)
      .x((row) => x(row.atSeconds))
      .y((row) => y(of(row)))(stepsOf(result.series, (a, b) => of(a) === of(b)));
    return markup`<path class="line-run line-run-${at % COLOURS}" d="${path ?? ""}" />`;
  });
  const most = runs.map(({ name }, at) => `${name} ${countText(peaks[at] ?? 0)}`).join(", ");
  return markup`<figure>
    <figcaption><b>${title}</b><br />at most: ${most}</figcaption>
    ${chart({ title: `${title} over time; at most: ${most}`, scales, marks: [] }, curves)}
    <p class="legend">${runs.map(({ name }, at) => legendItem(`stroke-run-${at % COLOURS}`, name))}</p>
  </figure>`;
}
