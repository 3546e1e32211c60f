import type { KeptDocument } from "../../state/index.ts";
import { judgeAlarm, type Alarm, type AlarmState } from "./alarms.ts";
import { createMetricStore, type MetricStore } from "./metric-store.ts";

/** Metrics, which last as long as the lab runs, and alarms, which are kept. */
export interface CloudWatch {
  readonly metrics: MetricStore;
  alarms(): readonly Alarm[];
  alarm(name: string): Alarm | undefined;
  putAlarm(alarm: Alarm): void;
  deleteAlarms(names: readonly string[]): void;
  /** Sets a state by hand; the next evaluation may set another. */
  setState(name: string, state: AlarmState, reason: string, nowMs: number): void;
  /** Judges every alarm by the data there are. */
  evaluate(nowMs: number): void;
}

export function createCloudWatch(document: KeptDocument<readonly Alarm[]>): CloudWatch {
  const metrics = createMetricStore();
  const alarms = new Map((document.saved ?? []).map((alarm) => [alarm.name, alarm]));
  const keep = (): void => document.keep([...alarms.values()]);
  const set = (alarm: Alarm, state: AlarmState, stateReason: string, stateAt: number): void => {
    alarms.set(alarm.name, { ...alarm, state, stateReason, stateAt });
    keep();
  };
  return {
    metrics,
    alarms: () => [...alarms.values()],
    alarm: (name) => alarms.get(name),
    putAlarm(alarm) {
      alarms.set(alarm.name, alarm);
      keep();
    },
    deleteAlarms(names) {
      for (const name of names) alarms.delete(name);
      keep();
    },
    setState(name, state, reason, nowMs) {
      const alarm = alarms.get(name);
      if (alarm !== undefined) set(alarm, state, reason, nowMs);
    },
    evaluate(nowMs) {
      for (const alarm of alarms.values()) {
        const judged = judgeAlarm(alarm, metrics.find(alarm.metric), nowMs);
        if (judged !== undefined && judged.state !== alarm.state) set(alarm, judged.state, judged.reason, nowMs);
      }
    },
  };
}
