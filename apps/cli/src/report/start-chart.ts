import type { FleetResult, HistogramBar } from "@slash28/fleet";
import { scaleLinear } from "d3-scale";
import { countOf, countText, millisText, shareText } from "../simulate/quantities.ts";
import { at, CHART_WIDTH } from "./chart.ts";
import { legendItem, markup, type Html } from "./html.ts";

const ROW = 22;
const LABEL_WIDTH = 112;
const COUNT_WIDTH = 104;
/** Whatever is there can be seen. */
const BAR_MIN = 2;
/** A pod that takes longer is noticed. */
const LATE_MS = 1_000;

/** How long pods took to start: a bar for each span of time, from the first that has pods to the last. */
export function startChart({ summary: { podStartMs, podsStarted }, startHistogram }: FleetResult): Html {
  const shown = shownBars(startHistogram);
  const width = scaleLinear([0, Math.max(1, ...shown.map(({ pods }) => pods))], [0, CHART_WIDTH - LABEL_WIDTH - COUNT_WIDTH]);
  const rows = shown.map((bar, index) => {
    const y = index * ROW;
    const length = bar.pods === 0 ? 0 : Math.max(BAR_MIN, width(bar.pods));
    const count = bar.pods === 0 ? "none" : `${countText(bar.pods)} · ${shareText(bar.pods / podsStarted)}`;
    return markup`<text x="${LABEL_WIDTH - 8}" y="${y + 15}" text-anchor="end">${spanLabel(bar)}</text
      ><rect
        class="${bar.fromMs >= LATE_MS ? "fill-late" : "fill-assigned"}"
        x="${LABEL_WIDTH}"
        y="${y + 3}"
        width="${at(length)}"
        height="${ROW - 6}"
      /><text x="${at(LABEL_WIDTH + length + 6)}" y="${y + 15}">${count}</text>`;
  });
  const { p50, p90, p99 } = podStartMs;
  return markup`<figure>
    <figcaption><b>Pod starts</b><br />half took ${millisText(p50)} or less, 90 % ${millisText(p90)}, 99 % ${millisText(p99)}</figcaption>
    ${shown.length === 0 ? markup`<p>No pod started.</p>` : markup`<svg viewBox="0 0 ${CHART_WIDTH} ${shown.length * ROW}" role="img" aria-label="How long ${countOf(podsStarted, "pod")} took to start">${rows}</svg>`}
    <p class="legend">${legendItem("fill-assigned", "under a second")}${legendItem("fill-late", "a second or more")}</p>
    <p class="said">From the moment a pod was wanted until it had its address.</p>
  </figure>`;
}

/** From the first bar that has pods to the last; empty ones beside one another are one. */
function shownBars(bars: readonly HistogramBar[]): readonly HistogramBar[] {
  const first = bars.findIndex(({ pods }) => pods > 0);
  const last = bars.findLastIndex(({ pods }) => pods > 0);
  const shown: HistogramBar[] = [];
  for (const bar of first === -1 ? [] : bars.slice(first, last + 1)) {
    const before = shown.at(-1);
    if (before !== undefined && before.pods === 0 && bar.pods === 0) shown[shown.length - 1] = { ...before, toMs: bar.toMs };
    else shown.push(bar);
  }
  return shown;
}

function spanLabel({ fromMs, toMs }: HistogramBar): string {
  if (toMs === null) return `${millisText(fromMs)} or more`;
  return fromMs === 0 ? `under ${millisText(toMs)}` : `${millisText(fromMs)} – ${millisText(toMs)}`;
}
