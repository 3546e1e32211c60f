import { scaleLinear, type ScaleLinear } from "d3-scale";
import { countText } from "../simulate/quantities.ts";
import { markup, type Html } from "./html.ts";

/** Charts are drawn this wide and shown about as wide, so that their text has its size on a phone and on a desk. */
export const CHART_WIDTH = 360;
export const CHART_HEIGHT = 196;
const LEFT = 44;
const RIGHT = 10;
const TOP = 12;
const BOTTOM = 24;
const TIME_TICKS_MAX = 6;
const VALUE_TICKS = 4;
/** Steps of a time axis in seconds. */
const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000,
];

/** Where times and values lie in a chart. */
export interface ChartScales {
  /** Seconds since the start. */
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

export function chartScales(seconds: number, most: number): ChartScales {
  return {
    x: scaleLinear([0, Math.max(1, seconds)], [LEFT, CHART_WIDTH - RIGHT]),
    y: scaleLinear([0, Math.max(1, most)], [CHART_HEIGHT - BOTTOM, TOP]),
  };
}

/** A moment that is marked in a chart. */
export interface Mark {
  readonly atSeconds: number;
  readonly kind: "exhaustion" | "change";
}

export interface ChartFrame {
  /** What a screen reader says of it. */
  readonly title: string;
  readonly scales: ChartScales;
  readonly marks: readonly Mark[];
}

/** Axes and grid around what is drawn, and lines for moments that matter. */
export function chart({ title, scales: { x, y }, marks }: ChartFrame, content: readonly Html[]): Html {
  const [, seconds = 1] = x.domain();
  const values = y.ticks(VALUE_TICKS).filter((value) => Number.isInteger(value));
  const step = TIME_STEPS.find((each) => seconds / each <= TIME_TICKS_MAX) ?? seconds;
  const times = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  const [bottom, top] = [CHART_HEIGHT - BOTTOM, TOP];
  return markup`<svg viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" role="img" aria-label="${title}">
    ${values.map((value) => markup`<line class="grid" x1="${LEFT}" x2="${CHART_WIDTH - RIGHT}" y1="${at(y(value))}" y2="${at(y(value))}" /><text x="${LEFT - 6}" y="${at(y(value) + 4)}" text-anchor="end">${shortCount(value)}</text>`)}
    ${content}
    ${marks.map((mark) => markup`<line class="mark ${mark.kind}" x1="${at(x(mark.atSeconds))}" x2="${at(x(mark.atSeconds))}" y1="${top}" y2="${bottom}" />`)}
    <line class="axis" x1="${LEFT}" x2="${CHART_WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}" />
    ${times.map((time) => markup`<text x="${at(x(time))}" y="${CHART_HEIGHT - 8}" text-anchor="${time === 0 ? "start" : x(time) > CHART_WIDTH - 24 ? "end" : "middle"}">${timeLabel(time)}</text>`)}
  </svg>`;
}

/** To a tenth of a pixel. */
export function at(value: number): number {
  return Math.round(value * 10) / 10;
}

function timeLabel(seconds: number): string {
  if (seconds === 0) return "0";
  const units: readonly (readonly [number, string])[] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
  ];
  const [size, unit] = units.find(([size]) => seconds % size === 0) ?? [1, "s"];
  return `${countText(seconds / size)} ${unit}`;
}

/** `12k`, `1.5M`: an axis has room for four letters. */
function shortCount(value: number): string {
  if (value >= 1_000_000) return `${countText(value / 1_000_000)}M`;
  return value >= 10_000 ? `${countText(value / 1_000)}k` : countText(value);
}

/** Rows without those that only repeat what was before: a curve of steps is the same without them. */
export function stepsOf<T>(rows: readonly T[], isSame: (a: T, b: T) => boolean): readonly T[] {
  return rows.filter((row, index) => {
    const before = rows[index - 1];
    return before === undefined || index === rows.length - 1 || !isSame(before, row);
  });
}
