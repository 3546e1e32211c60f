import { autoscalingStormEvents } from "./autoscaling-storm.ts";
import { batchEvents } from "./batch.ts";
import { cronBurstsEvents } from "./cron-bursts.ts";
import { deployWavesEvents } from "./deploy-waves.ts";
import { diurnalEvents } from "./diurnal.ts";
import { recordedEvents, recordedPodsEvents } from "./recorded.ts";
import { steadyEvents } from "./steady.ts";
import type { PodEvents, Workload } from "./workload.ts";

/** The events of a workload, in order of time, made as they are asked for; the same ones for the same workload and seed. */
export function podEventsOf(workload: Workload, { seed }: { readonly seed: number }): PodEvents {
  switch (workload.kind) {
    case "steady":
      return steadyEvents(workload, seed);
    case "diurnal":
      return diurnalEvents(workload, seed);
    case "deploy-waves":
      return deployWavesEvents(workload, seed);
    case "cron-bursts":
      return cronBurstsEvents(workload, seed);
    case "autoscaling-storm":
      return autoscalingStormEvents(workload, seed);
    case "batch":
      return batchEvents(workload, seed);
    case "recorded":
      return recordedEvents(workload, seed);
    case "recorded-pods":
      return recordedPodsEvents(workload, seed);
    default:
      return workload satisfies never;
  }
}
