import type {
  Dimension,
  DimensionFilter,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDatum,
  MetricStat,
  PutMetricDataInput,
} from "@aws-sdk/client-cloudwatch";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { AwsError } from "../aws-error.ts";
import type { CloudWatch } from "./cloudwatch.ts";
import { periodsOf, type MetricId, type Sample, type Series } from "./metric-store.ts";
import { periodMs, statisticNamed, valueOf } from "./statistics.ts";

/** CloudWatch API reference, PutMetricData. */
const DATA_MAX = 1_000;
const DIMENSIONS_MAX = 30;
const VALUES_MAX = 150;
const QUERIES_MAX = 500;
const LISTED_MAX = 500;
const DATAPOINTS_MAX = 1_440;

export function metricActions(cloudWatch: CloudWatch): readonly AnyAction[] {
  const seriesOf = (metric: MetricId): Series | undefined => cloudWatch.metrics.find(metric);
  return [
    mutation<PutMetricDataInput, object>("PutMetricData", (input, { call }) => {
      const namespace = need(input.Namespace, "Namespace");
      if (namespace.length > 255 || namespace.startsWith("AWS/")) {
        throw invalid(`The value ${namespace.slice(0, 260)} for parameter Namespace is invalid.`);
      }
      const data = input.MetricData ?? [];
      if (data.length > DATA_MAX) throw invalid(`The collection MetricData must not have a size greater than ${DATA_MAX}.`);
      const read = data.map((datum, index) => ({ datum, ...readDatum(namespace, datum, `MetricData.member.${index + 1}`, call.now) }));
      for (const { metric, sample, datum } of read) {
        if (!cloudWatch.metrics.add(metric, sample, datum.Unit)) throw new AwsError("LimitExceeded", "The lab keeps no more metrics.");
      }
      cloudWatch.evaluate(call.now);
      return DONE;
    }),
    read<GetMetricStatisticsInput, GetMetricStatisticsOutput>("GetMetricStatistics", (input) => {
      const name = need(input.MetricName, "MetricName");
      const samples = seriesOf({ namespace: need(input.Namespace, "Namespace"), name, dimensions: pairs(input.Dimensions) });
      const statistics = (input.Statistics ?? []).map(statisticNamed);
      if (statistics.length === 0)
        throw new AwsError(
          "InvalidParameterCombination",
          "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        );
      const found = periodsOf(samples?.samples ?? [], spanOf(input.StartTime, input.EndTime, input.Period));
      const Datapoints = found.map((sample) => ({
        Timestamp: new Date(sample.at),
        ...Object.fromEntries(statistics.map((statistic) => [statistic, valueOf(sample, statistic)])),
        Unit: (samples?.unit ?? "None") as "None",
      }));
      return { Label: name, Datapoints };
    }),
    read<GetMetricDataInput, GetMetricDataOutput>("GetMetricData", (input) => getMetricData(input, seriesOf)),
    read<ListMetricsInput, ListMetricsOutput>("ListMetrics", (input) => listMetrics(input, cloudWatch.metrics.all())),
  ];
}

function getMetricData(input: GetMetricDataInput, seriesOf: (metric: MetricId) => Series | undefined): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? [];
  if (queries.length > QUERIES_MAX) throw invalid(`The collection MetricDataQueries must not have a size greater than ${QUERIES_MAX}.`);
  const results = queries
    .filter(({ ReturnData }) => ReturnData !== false)
    .map(({ Id, Label, MetricStat: stat, Expression }) => {
      if (stat === undefined) throw invalid(`The query '${Id}' is an expression (${Expression}); the lab answers queries for one metric.`);
      const { metric, statistic } = readStat(stat);
      const found = periodsOf(seriesOf(metric)?.samples ?? [], spanOf(input.StartTime, input.EndTime, stat.Period));
      const ordered = input.ScanBy === "TimestampAscending" ? found : found.toReversed();
      return {
        Id,
        Label: Label ?? metric.name,
        Timestamps: ordered.map(({ at }) => new Date(at)),
        Values: ordered.map((sample) => valueOf(sample, statistic)),
        StatusCode: "Complete" as const,
      };
    });
  return { MetricDataResults: results, Messages: [] };
}

function readStat(stat: MetricStat): { readonly metric: MetricId; readonly statistic: ReturnType<typeof statisticNamed> } {
  const metric = {
    namespace: need(stat.Metric?.Namespace, "Namespace"),
    name: need(stat.Metric?.MetricName, "MetricName"),
    dimensions: pairs(stat.Metric?.Dimensions),
  };
  return { metric, statistic: statisticNamed(need(stat.Stat, "Stat")) };
}

function listMetrics(input: ListMetricsInput, all: readonly Series[]): ListMetricsOutput {
  const wanted = all
    .filter(({ namespace, name }) => (input.Namespace ?? namespace) === namespace && (input.MetricName ?? name) === name)
    .filter(({ dimensions }) => (input.Dimensions ?? []).every((filter) => hasDimension(dimensions, filter)));
  const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError("InvalidParameterValue", "The token in NextToken is not one this action gave.");
  const shown = wanted.slice(start, start + LISTED_MAX);
  return {
    Metrics: shown.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(start + shown.length < wanted.length ? { NextToken: String(start + shown.length) } : {}),
  };
}

function hasDimension(dimensions: MetricId["dimensions"], { Name, Value }: DimensionFilter): boolean {
  return dimensions.some(([name, value]) => name === Name && (Value === undefined || Value === value));
}

export function pairs(dimensions: readonly Dimension[] | undefined): MetricId["dimensions"] {
  const list = (dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value] as const);
  if (list.length > DIMENSIONS_MAX) throw invalid(`The collection Dimensions must not have a size greater than ${DIMENSIONS_MAX}.`);
  if (list.some(([name, value]) => name === "" || value === "")) throw invalid("A dimension must have a name and a value.");
  return list;
}

function readDatum(
  namespace: string,
  datum: MetricDatum,
  path: string,
  nowMs: number,
): { readonly metric: MetricId; readonly sample: Sample } {
  const name = datum.MetricName ?? "";
  if (name === "" || name.length > 255) throw invalid(`The parameter ${path}.MetricName is required.`);
  const at = datum.Timestamp?.getTime() ?? nowMs;
  if (at > nowMs + 2 * 3_600_000 || at < nowMs - 14 * 86_400_000) {
    throw invalid(
      `The parameter ${path}.Timestamp must specify a time no more than two hours in the future and no more than two weeks ago.`,
    );
  }
  return { metric: { namespace, name, dimensions: pairs(datum.Dimensions) }, sample: { at, ...readValues(datum, path) } };
}

function readValues(datum: MetricDatum, path: string): Omit<Sample, "at"> {
  const { Value, Values, Counts, StatisticValues: set } = datum;
  if (set !== undefined) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: min = 0, Maximum: max = 0 } = set;
    if (count <= 0) throw invalid(`The parameter ${path}.StatisticValues.SampleCount must be greater than 0.`);
    return { count, sum, min, max };
  }
  const values = Values ?? (Value === undefined ? [] : [Value]);
  if (values.length === 0) throw invalid(`At least one of the parameters must be specified: ${path}.Value, Values or StatisticValues.`);
  if (values.length > VALUES_MAX) throw invalid(`The collection ${path}.Values must not have a size greater than ${VALUES_MAX}.`);
  const counts = Counts ?? values.map(() => 1);
  if (counts.length !== values.length) throw invalid(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`);
  return {
    count: counts.reduce((total, count) => total + count, 0),
    sum: values.reduce((total, value, index) => total + value * (counts[index] ?? 1), 0),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

function spanOf(
  start: Date | undefined,
  end: Date | undefined,
  period: number | undefined,
): { readonly startMs: number; readonly endMs: number; readonly periodMs: number } {
  const startMs = need(start, "StartTime").getTime();
  const endMs = need(end, "EndTime").getTime();
  if (startMs >= endMs) throw invalid("The parameter StartTime must be less than the parameter EndTime.");
  const step = periodMs(period);
  if ((endMs - startMs) / step > DATAPOINTS_MAX * 70) throw invalid("You have requested more datapoints than the lab gives.");
  // Periods begin on whole ones, as CloudWatch rounds them.
  return { startMs: startMs - (startMs % step), endMs, periodMs: step };
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}
