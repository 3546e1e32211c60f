import { fleetInputOf, type FleetInput } from "@slash28/fleet";
import type { FieldSetting } from "../cluster-file/field-setting.ts";
import type { OpenClusterFile } from "../cluster-file/read-cluster-file.ts";
import { usageError } from "../output/index.ts";
import type { PodRecord } from "./read-record.ts";

/** One run to make: a cluster file with what the command line says over it. */
export interface Scenario {
  readonly name: string;
  /** The cluster file. */
  readonly path: string;
  readonly settings: readonly FieldSetting[];
  readonly input: FleetInput;
  /** What the file says and a simulation makes nothing of. */
  readonly notes: readonly string[];
}

export interface ScenarioOverrides {
  readonly seed?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly record?: PodRecord | undefined;
}

/** After the last line of a record, so that its last pods can start. */
const AFTER_RECORD_MS = 600_000;

/** A checked file as a scenario. What only a simulation cannot take is a usage mistake, too, and told where it stands. */
export function scenarioOf(open: OpenClusterFile, settings: readonly FieldSetting[], overrides: ScenarioOverrides): Scenario {
  const changed = open.with(settings);
  const { seed, record } = overrides;
  const durationMs = overrides.durationMs ?? (record === undefined ? undefined : record.durationMs + AFTER_RECORD_MS);
  const read = fleetInputOf(changed.file, {
    ...(seed === undefined ? {} : { seed }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(record === undefined ? {} : { workloads: [record.workload] }),
    ...(record?.daemonPods === undefined ? {} : { daemonPods: record.daemonPods }),
  });
  if (!read.ok) throw usageError(read.problems.map(changed.say).join("\n"));
  const { hostNetworkPods = read.input.hostNetworkPods } = record ?? {};
  return {
    name: changed.file.name,
    path: open.path,
    settings,
    input: { ...read.input, hostNetworkPods },
    notes: [...read.notes.map(changed.say), ...(record?.notes ?? [])],
  };
}
