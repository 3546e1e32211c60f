import type {
  DeleteAlarmsInput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  MetricAlarm,
  PutMetricAlarmInput,
  SetAlarmStateInput,
} from "@aws-sdk/client-cloudwatch";
import { DONE, mutation, need, read, type AnyAction } from "../action.ts";
import { AwsError } from "../aws-error.ts";
import { keyPage } from "../query/key-page.ts";
import type { Alarm, AlarmState, Comparison, MissingData } from "./alarms.ts";
import type { CloudWatch } from "./cloudwatch.ts";
import { pairs } from "./metric-actions.ts";
import { periodMs, statisticNamed } from "./statistics.ts";

const COMPARISONS: readonly Comparison[] = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
];
const MISSING: readonly MissingData[] = ["missing", "breaching", "notBreaching", "ignore"];
const STATES: readonly AlarmState[] = ["OK", "ALARM", "INSUFFICIENT_DATA"];
const ALARMS_MAX = 5_000;
const RECORDS_MAX = 100;

export function alarmActions(cloudWatch: CloudWatch): readonly AnyAction[] {
  return [
    mutation<PutMetricAlarmInput, object>("PutMetricAlarm", (input, { cloud, call }) => {
      const name = need(input.AlarmName, "AlarmName");
      const before = cloudWatch.alarm(name);
      if (before === undefined && cloudWatch.alarms().length >= ALARMS_MAX)
        throw new AwsError("LimitExceeded", `There are ${ALARMS_MAX} alarms already.`);
      const arn = `arn:aws:cloudwatch:${cloud.region}:${cloud.accountId}:alarm:${name}`;
      cloudWatch.putAlarm(readAlarm(input, { name, arn, now: call.now, before }));
      cloudWatch.evaluate(call.now);
      return DONE;
    }),
    read<DescribeAlarmsInput, DescribeAlarmsOutput>("DescribeAlarms", (input, { call }) => {
      cloudWatch.evaluate(call.now);
      const { MaxRecords: size = 50, NextToken: after } = input;
      if (!Number.isInteger(size) || size < 1 || size > RECORDS_MAX) throw invalid("MaxRecords", size, `between 1 and ${RECORDS_MAX}`);
      const wanted = cloudWatch
        .alarms()
        .filter(({ name }) => input.AlarmNames === undefined || input.AlarmNames.length === 0 || input.AlarmNames.includes(name))
        .filter(({ name, state }) => name.startsWith(input.AlarmNamePrefix ?? "") && (input.StateValue ?? state) === state);
      const { items, last } = keyPage(wanted, ({ name }) => name, { after, size });
      return { CompositeAlarms: [], MetricAlarms: items.map(wireAlarm), ...(last === undefined ? {} : { NextToken: last }) };
    }),
    mutation<DeleteAlarmsInput, object>("DeleteAlarms", ({ AlarmNames }) => {
      const names = need(AlarmNames, "AlarmNames");
      const missing = names.filter((name) => cloudWatch.alarm(name) === undefined);
      if (missing.length > 0) throw new AwsError("ResourceNotFound", `Unknown alarms: ${missing.join(", ")}`, 404);
      cloudWatch.deleteAlarms(names);
      return DONE;
    }),
    mutation<SetAlarmStateInput, object>("SetAlarmState", ({ AlarmName, StateValue, StateReason }, { call }) => {
      const name = need(AlarmName, "AlarmName");
      const state = oneOf(STATES, need(StateValue, "StateValue"), "StateValue");
      if (cloudWatch.alarm(name) === undefined) throw new AwsError("ResourceNotFound", `Unknown alarm: ${name}`, 404);
      cloudWatch.setState(name, state, need(StateReason, "StateReason"), call.now);
      return DONE;
    }),
  ];
}

interface AlarmPlace {
  readonly name: string;
  readonly arn: string;
  readonly now: number;
  readonly before: Alarm | undefined;
}

/** An alarm that is put again keeps its state until it is judged anew. */
function readAlarm(input: PutMetricAlarmInput, { name, arn, now, before }: AlarmPlace): Alarm {
  if (input.Metrics !== undefined && input.Metrics.length > 0) {
    throw new AwsError("UnsupportedOperation", "The lab's alarms watch one metric; give MetricName.");
  }
  return {
    name,
    arn,
    metric: {
      namespace: need(input.Namespace, "Namespace"),
      name: need(input.MetricName, "MetricName"),
      dimensions: pairs(input.Dimensions),
    },
    statistic: statisticNamed(need(input.Statistic, "Statistic")),
    ...readPeriods(input),
    threshold: need(input.Threshold, "Threshold"),
    comparison: oneOf(COMPARISONS, need(input.ComparisonOperator, "ComparisonOperator"), "ComparisonOperator"),
    missingData: oneOf(MISSING, input.TreatMissingData ?? "missing", "TreatMissingData"),
    actionsEnabled: input.ActionsEnabled !== false,
    actions: readActions(input),
    tags: Object.fromEntries((input.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    updatedAt: now,
    ...stateOf(before, now),
    ...(input.AlarmDescription === undefined ? {} : { description: input.AlarmDescription }),
    ...(input.Unit === undefined ? {} : { unit: input.Unit }),
  };
}

function stateOf(before: Alarm | undefined, now: number): Pick<Alarm, "state" | "stateReason" | "stateAt"> {
  if (before === undefined) return { state: "INSUFFICIENT_DATA", stateReason: "Unchecked: Initial alarm creation", stateAt: now };
  const { state, stateReason, stateAt } = before;
  return { state, stateReason, stateAt };
}

function readActions(input: PutMetricAlarmInput): Alarm["actions"] {
  return { alarm: input.AlarmActions ?? [], ok: input.OKActions ?? [], insufficientData: input.InsufficientDataActions ?? [] };
}

function readPeriods(input: PutMetricAlarmInput): Pick<Alarm, "periodSeconds" | "evaluationPeriods" | "datapointsToAlarm"> {
  const periods = need(input.EvaluationPeriods, "EvaluationPeriods");
  if (!Number.isInteger(periods) || periods < 1 || periods > 1_440) throw invalid("EvaluationPeriods", periods, "between 1 and 1440");
  const needed = input.DatapointsToAlarm;
  if (needed !== undefined && (!Number.isInteger(needed) || needed < 1 || needed > periods)) {
    throw invalid("DatapointsToAlarm", needed, "between 1 and EvaluationPeriods");
  }
  const base = { periodSeconds: periodMs(input.Period) / 1000, evaluationPeriods: periods };
  return needed === undefined ? base : { ...base, datapointsToAlarm: needed };
}

function wireAlarm(alarm: Alarm): MetricAlarm {
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: alarm.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.updatedAt),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: [...alarm.actions.ok],
    AlarmActions: [...alarm.actions.alarm],
    InsufficientDataActions: [...alarm.actions.insufficientData],
    StateValue: alarm.state,
    StateReason: alarm.stateReason,
    StateUpdatedTimestamp: new Date(alarm.stateAt),
    StateTransitionedTimestamp: new Date(alarm.stateAt),
    MetricName: alarm.metric.name,
    Namespace: alarm.metric.namespace,
    Statistic: alarm.statistic,
    Dimensions: alarm.metric.dimensions.map(([Name, Value]) => ({ Name, Value })),
    Period: alarm.periodSeconds,
    Unit: alarm.unit as NonNullable<MetricAlarm["Unit"]>,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.missingData,
  };
}

function oneOf<T extends string>(allowed: readonly T[], value: string, parameter: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(parameter, value, `one of ${allowed.join(", ")}`);
  return found;
}

function invalid(parameter: string, value: unknown, rule: string): AwsError {
  return new AwsError("InvalidParameterValue", `The value '${String(value)}' for parameter ${parameter} is invalid: it must be ${rule}.`);
}
