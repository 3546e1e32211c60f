import type { EventReport } from "@slash28/kube";
import type { Clock, Kube, Log } from "@slash28/ports";
import type { ContainerRuntime } from "./container-runtime.ts";
import type { DataWatch } from "./data-watch.ts";
import type { ImageRule } from "./image-table.ts";
import type { ClusterAccess, KubeletTuning, NodeSpec } from "./kubelet-options.ts";
import type { NodeNetwork } from "./node-network.ts";
import type { Pod } from "./pod.ts";
import type { ServiceWatch } from "./service-watch.ts";
import type { Slots } from "./slots.ts";

/** What every pod of one node works with. */
export interface PodParts {
  readonly node: NodeSpec;
  readonly kube: Kube;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly cluster: ClusterAccess;
  readonly images: readonly ImageRule[];
  /** Variables of every container whose image is not one of the cluster's own programs. */
  readonly machineEnv?: Readonly<Record<string, string>>;
  readonly tuning: KubeletTuning;
  readonly runtime: ContainerRuntime;
  readonly network: NodeNetwork;
  readonly sandboxes: Slots;
  /** Absent: files of volumes stay as they were made. */
  readonly changes?: DataWatch;
  /** Absent: pods are told of the API server's service alone. */
  readonly services?: ServiceWatch;
  report(pod: Pod, report: EventReport): void;
}

/** An id as container runtimes make them: 64 hexadecimal digits. */
export function randomId(random: () => number): string {
  return Array.from({ length: 8 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
}

export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
