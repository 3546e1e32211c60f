import type { FleetResult, SeriesRow } from "@slash28/fleet";
import { area, curveStepAfter, line } from "d3-shape";
import { countText, shareText } from "../simulate/quantities.ts";
import { at, chart, chartScales, stepsOf, type Mark } from "./chart.ts";
import { legendItem, markup, type Html } from "./html.ts";

const HEADROOM = 1.08;

/** Pods that run and pods that wait. */
export function podsChart({ summary, series }: FleetResult, marks: readonly Mark[]): Html {
  const mostWaiting = most(series, ({ podsWaiting }) => podsWaiting);
  const scales = chartScales(summary.ranSeconds, Math.max(summary.podsRunning.peak, mostWaiting) * HEADROOM);
  const { x, y } = scales;
  const running = area<SeriesRow>()
    .digits(1)
    .curve(curveStepAfter)
    .x((row) => x(row.atSeconds))
    .y0(y(0))
    .y1((row) => y(row.podsRunning))(stepsOf(series, (a, b) => a.podsRunning === b.podsRunning));
  const waiting = line<SeriesRow>()
    .digits(1)
    .curve(curveStepAfter)
    .x((row) => x(row.atSeconds))
    .y((row) => y(row.podsWaiting))(stepsOf(series, (a, b) => a.podsWaiting === b.podsWaiting));
  return markup`<figure>
    <figcaption>
      <b>Pods</b><br />at most ${countText(summary.podsRunning.peak)} ran and ${countText(mostWaiting)} waited at a time
    </figcaption>
    ${chart({ title: `Pods over time: at most ${summary.podsRunning.peak} ran, ${mostWaiting} waited`, scales, marks }, [
      markup`<path class="fill-assigned" d="${running ?? ""}" /><path class="line-waiting" d="${waiting ?? ""}" />`,
    ])}
    <p class="legend">${legendItem("fill-assigned", "running")}${legendItem("stroke-waiting", "waiting for a node or an address")}</p>
  </figure>`;
}

/** Calls to EC2 in each interval of the series, the throttled ones on top. */
export function callsChart({ summary: { ec2Calls, ranSeconds }, series }: FleetResult, marks: readonly Mark[]): Html {
  const bars = series.slice(1).map((row, index) => {
    const before = series[index] ?? row;
    return {
      from: before.atSeconds,
      to: row.atSeconds,
      calls: row.ec2Calls - before.ec2Calls,
      throttled: row.ec2Throttled - before.ec2Throttled,
    };
  });
  const scales = chartScales(ranSeconds, most(bars, ({ calls }) => calls) * HEADROOM);
  const { x, y } = scales;
  const path = (from: (bar: (typeof bars)[number]) => number, to: (bar: (typeof bars)[number]) => number): string =>
    bars
      .filter((bar) => to(bar) > from(bar))
      .map((bar) => `M${at(x(bar.from))},${at(y(from(bar)))}H${at(x(bar.to))}V${at(y(to(bar)))}H${at(x(bar.from))}Z`)
      .join("");
  const stepSeconds = (bars[0]?.to ?? 0) - (bars[0]?.from ?? 0);
  return markup`<figure>
    <figcaption>
      <b>Calls to EC2</b> every ${stepSeconds < 60 ? `${stepSeconds} s` : `${countText(stepSeconds / 60)} min`}<br />${countText(ec2Calls.total)}
      in all, ${shareText(ec2Calls.throttledShare)} of them throttled
    </figcaption>
    ${chart({ title: `Calls to EC2 over time: ${ec2Calls.total} in all, ${ec2Calls.throttled} throttled`, scales, marks }, [
      markup`<path
          class="fill-calls"
          d="${path(
            () => 0,
            ({ calls, throttled }) => calls - throttled,
          )}"
        /><path
          class="fill-throttled"
          d="${path(
            ({ calls, throttled }) => calls - throttled,
            ({ calls }) => calls,
          )}"
        />`,
    ])}
    <p class="legend">${legendItem("fill-calls", "answered")}${legendItem("fill-throttled", "throttled")}</p>
  </figure>`;
}

function most<T>(rows: readonly T[], of: (row: T) => number): number {
  return rows.reduce((max, row) => Math.max(max, of(row)), 0);
}
