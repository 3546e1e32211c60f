import type { Series, MetricId } from "./metric-store.ts";
import { periodsOf } from "./metric-store.ts";
import { valueOf, type Statistic } from "./statistics.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export type Comparison = "GreaterThanOrEqualToThreshold" | "GreaterThanThreshold" | "LessThanThreshold" | "LessThanOrEqualToThreshold";

/** How periods without data count (CloudWatch user guide, "Configuring how alarms treat missing data"). */
export type MissingData = "missing" | "breaching" | "notBreaching" | "ignore";

/** An alarm on one metric, as plain JSON. */
export interface Alarm {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly metric: MetricId;
  readonly statistic: Statistic;
  readonly unit?: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly missingData: MissingData;
  readonly actionsEnabled: boolean;
  /** ARNs told of changes; the lab has nothing behind them. */
  readonly actions: { readonly alarm: readonly string[]; readonly ok: readonly string[]; readonly insufficientData: readonly string[] };
  readonly tags: Readonly<Record<string, string>>;
  readonly updatedAt: number;
  readonly state: AlarmState;
  readonly stateReason: string;
  readonly stateAt: number;
}

/** The state the data give, and why; `undefined` where they say nothing new. */
export interface Judgement {
  readonly state: AlarmState;
  readonly reason: string;
}

/** Judges the last `evaluationPeriods` periods, that of `nowMs` included: an alarm goes off when enough of their values break the threshold. */
export function judgeAlarm(alarm: Alarm, series: Series | undefined, nowMs: number): Judgement | undefined {
  const periodMs = alarm.periodSeconds * 1000;
  const endMs = nowMs - (nowMs % periodMs) + periodMs;
  const startMs = endMs - alarm.evaluationPeriods * periodMs;
  const found = periodsOf(series?.samples ?? [], { startMs, endMs, periodMs });
  // The period of now may still get its data: it is missing only when it is over.
  const missing = alarm.evaluationPeriods - found.length - (found.some(({ at }) => at === endMs - periodMs) ? 0 : 1);
  const needed = alarm.datapointsToAlarm ?? alarm.evaluationPeriods;
  const values = found.map((sample) => valueOf(sample, alarm.statistic));
  const breaking = values.filter((value) => breaks(value, alarm)).length + (alarm.missingData === "breaching" ? Math.max(0, missing) : 0);
  const shown = values.map((value) => value.toString()).join(", ");
  const rule = `${WORDS[alarm.comparison]} the threshold (${alarm.threshold})`;
  if (breaking >= needed) {
    return { state: "ALARM", reason: `Threshold Crossed: ${breaking} datapoint(s) [${shown}] were ${rule}.` };
  }
  if (values.length > 0) {
    if (values.some((value) => !breaks(value, alarm)) || alarm.missingData === "notBreaching") {
      return { state: "OK", reason: `Threshold Crossed: ${needed - breaking} of ${needed} datapoint(s) [${shown}] were not ${rule}.` };
    }
    return undefined;
  }
  if (alarm.missingData === "ignore") return undefined;
  if (alarm.missingData === "notBreaching")
    return { state: "OK", reason: "Threshold Crossed: no datapoints were received; they are taken as not breaching." };
  return { state: "INSUFFICIENT_DATA", reason: `Insufficient Data: ${alarm.evaluationPeriods} datapoints were unknown.` };
}

function breaks(value: number, { comparison, threshold }: Alarm): boolean {
  switch (comparison) {
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "GreaterThanThreshold":
      return value > threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
    default:
      return comparison satisfies never;
  }
}

const WORDS: Readonly<Record<Comparison, string>> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};
