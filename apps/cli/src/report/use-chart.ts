import type { SeriesRow, SeriesSubnet, SubnetResult } from "@slash28/fleet";
import { area, curveStepAfter } from "d3-shape";
import { countText, shareText } from "../simulate/quantities.ts";
import { at, chart, CHART_WIDTH, chartScales, stepsOf, type Mark } from "./chart.ts";
import { Html, markup } from "./html.ts";

/** Below this a subnet's size would flatten the curves, and is told in words only. */
const SHOWS_SIZE_FROM_SHARE = 0.25;
const HEADROOM = 1.14;
const NOTHING: SeriesSubnet = { used: 0, held: 0, assigned: 0, cooling: 0 };

/** The states of a subnet's addresses, from the bottom of the chart. */
export const STATES = [
  { key: "other", label: "others', and nodes' own", of: ({ used, held }: SeriesSubnet) => used - held },
  { key: "assigned", label: "assigned to pods", of: ({ assigned }: SeriesSubnet) => assigned },
  { key: "cooling", label: "cooling down", of: ({ cooling }: SeriesSubnet) => cooling },
  { key: "idle", label: "idle in warm pools", of: ({ held, assigned, cooling }: SeriesSubnet) => held - assigned - cooling },
] as const;

export interface UseChart {
  readonly subnet: SubnetResult;
  /** Its place in the series. */
  readonly place: number;
  readonly series: readonly SeriesRow[];
  readonly seconds: number;
  readonly marks: readonly Mark[];
}

/** Who has a subnet's addresses over time, up to all that it has. */
export function useChart({ subnet, place, series, seconds, marks }: UseChart): Html {
  const { name, usable, peakUsed, peakUsedShare } = subnet;
  const showsSize = peakUsedShare >= SHOWS_SIZE_FROM_SHARE;
  const scales = chartScales(seconds, (showsSize ? usable : peakUsed) * HEADROOM);
  const { x, y } = scales;
  const sampled = series.map((row) => ({ atSeconds: row.atSeconds, values: STATES.map(({ of }) => of(row.subnets[place] ?? NOTHING)) }));
  const rows = stepsOf(sampled, (a, b) => a.values.every((value, state) => value === b.values[state]));
  const upTo = (values: readonly number[], count: number): number => values.slice(0, count).reduce((sum, value) => sum + value, 0);
  const layers = STATES.map(({ key }, layer) => {
    const path = area<(typeof rows)[number]>()
      .digits(1)
      .curve(curveStepAfter)
      .x(({ atSeconds }) => x(atSeconds))
      .y0(({ values }) => y(upTo(values, layer)))
      .y1(({ values }) => y(upTo(values, layer + 1)))(rows);
    return markup`<path class="fill-${key}" d="${path ?? ""}" />`;
  });
  const [left, size] = [x(0), at(y(usable))];
  const limit = showsSize
    ? markup`<line class="limit" x1="${left}" x2="${CHART_WIDTH - 10}" y1="${size}" y2="${size}" /><text
          x="${CHART_WIDTH - 12}"
          y="${at(size - 5)}"
          text-anchor="end"
          >all ${countText(usable)}</text
        >`
    : Html.trusted("");
  return markup`<figure>
    <figcaption>
      <b>${name}</b> ${subnet.cidr}, ${subnet.zone}<br />at most ${countText(peakUsed)} of ${countText(usable)} in use
      (${shareText(peakUsedShare)})
    </figcaption>
    ${chart({ title: `Addresses of subnet ${name} over time: at most ${peakUsed} of ${usable} in use`, scales, marks }, [...layers, limit])}
  </figure>`;
}
