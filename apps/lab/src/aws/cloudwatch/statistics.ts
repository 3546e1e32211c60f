import { AwsError } from "../aws-error.ts";
import type { Sample } from "./metric-store.ts";

export type Statistic = "SampleCount" | "Sum" | "Average" | "Minimum" | "Maximum";

const STATISTICS: readonly Statistic[] = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"];

/** @throws {AwsError} for percentiles and others, which need more than is kept */
export function statisticNamed(name: string): Statistic {
  const found = STATISTICS.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  throw new AwsError("InvalidParameterValue", `The statistic '${name}' is not one the lab keeps; use ${STATISTICS.join(", ")}.`);
}

export function valueOf(sample: Sample, statistic: Statistic): number {
  switch (statistic) {
    case "SampleCount":
      return sample.count;
    case "Sum":
      return sample.sum;
    case "Average":
      return sample.sum / sample.count;
    case "Minimum":
      return sample.min;
    case "Maximum":
      return sample.max;
    default:
      return statistic satisfies never;
  }
}

/** @throws {AwsError} for a period CloudWatch does not have; below a minute the lab keeps none */
export function periodMs(seconds: number | undefined): number {
  if (seconds !== undefined && Number.isInteger(seconds) && seconds >= 60 && seconds % 60 === 0 && seconds <= 86_400) return seconds * 1000;
  throw new AwsError(
    "InvalidParameterValue",
    `The value '${seconds}' for parameter Period is invalid: it must be a multiple of 60, up to 86400.`,
  );
}
