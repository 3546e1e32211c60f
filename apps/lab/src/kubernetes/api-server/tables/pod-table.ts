import { at, fieldsOf, listOf, numberOf, textOf, type KubeObject } from "@slash28/kube-store";

import { ageOf, NONE, since } from "./cell-text.ts";
import { column, wide, type TableView } from "./table.ts";

export const podTable: TableView = {
  columns: [
    column("Name", "Name must be unique within a namespace."),
    column("Ready", "The aggregate readiness state of this pod for accepting traffic."),
    column("Status", "The aggregate status of the containers in this pod."),
    column(
      "Restarts",
      "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
    ),
    column("Age", "Time since the pod was created."),
    wide("IP", "The address of the pod."),
    wide("Node", "The node that runs the pod."),
    wide("Nominated Node", "The node that the pod waits for room on."),
    wide("Readiness Gates", "Conditions besides its containers that the pod's readiness waits for."),
  ],
  cells: podCells,
};

interface Summary {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: number;
  /** Milliseconds since the epoch of the latest restart. */
  readonly restartedAt: number | undefined;
}

function podCells(pod: KubeObject, now: number): readonly unknown[] {
  const summary = summarise(pod);
  const total = listOf(at(pod, "spec", "containers")).length + sidecarsOf(pod).size;
  const restarts =
    summary.restartedAt === undefined || summary.restarts === 0
      ? String(summary.restarts)
      : `${summary.restarts} (${since(new Date(summary.restartedAt).toISOString(), now)} ago)`;
  const text = (...path: readonly string[]): string => textOf(at(pod, ...path)) || NONE;
  const firstIp = textOf(at(listOf(at(pod, "status", "podIPs"))[0], "ip")) || text("status", "podIP");
  return [
    pod.metadata.name,
    `${summary.ready}/${total}`,
    summary.reason,
    restarts,
    ageOf(pod, now),
    firstIp,
    text("spec", "nodeName"),
    text("status", "nominatedNodeName"),
    gatesOf(pod),
  ];
}

function gatesOf(pod: KubeObject): string {
  const gates = listOf(at(pod, "spec", "readinessGates"));
  if (gates.length === 0) return NONE;
  const conditions = listOf(at(pod, "status", "conditions"));
  const met = gates.filter((gate) =>
    conditions.some((condition) => at(condition, "type") === at(gate, "conditionType") && at(condition, "status") === "True"),
  );
  return `${met.length}/${gates.length}`;
}

/** Init containers that go on running beside the others. */
function sidecarsOf(pod: KubeObject): ReadonlySet<string> {
  const init = listOf(at(pod, "spec", "initContainers"));
  return new Set(
    init.filter((container) => at(container, "restartPolicy") === "Always").map((container) => textOf(at(container, "name")) ?? ""),
  );
}

/** What upstream's printer says of a pod in one word, and its counts (k8s.io/kubernetes pkg/printers/internalversion). */
function summarise(pod: KubeObject): Summary {
  const started = textOf(at(pod, "status", "reason")) || textOf(at(pod, "status", "phase")) || "Unknown";
  const phase = isConditionGated(pod) ? "SchedulingGated" : started;
  const init = initSummary(pod);
  const main = containerSummary(pod, init === undefined || isConditionTrue(pod, "Initialized") ? phase : init.reason, init);
  const reason = init === undefined || isConditionTrue(pod, "Initialized") ? main.reason : init.reason;
  return { ...main, reason: leaving(pod, reason) };
}

function leaving(pod: KubeObject, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (at(pod, "status", "reason") === "NodeLost") return "Unknown";
  const phase = at(pod, "status", "phase");
  return phase === "Succeeded" || phase === "Failed" ? reason : "Terminating";
}

function conditionOf(pod: KubeObject, type: string): unknown {
  return listOf(at(pod, "status", "conditions")).find((condition) => at(condition, "type") === type);
}

function isConditionTrue(pod: KubeObject, type: string): boolean {
  return at(conditionOf(pod, type), "status") === "True";
}

function isConditionGated(pod: KubeObject): boolean {
  return at(conditionOf(pod, "PodScheduled"), "reason") === "SchedulingGated";
}

function restartTime(status: unknown): number {
  const at1 = Date.parse(textOf(at(status, "lastState", "terminated", "finishedAt")) ?? "");
  return Number.isNaN(at1) ? 0 : at1;
}

/** The reason when an init container holds the pod up, with the restarts of the sidecars so far. */
function initSummary(pod: KubeObject): Summary | undefined {
  const specs = listOf(at(pod, "spec", "initContainers"));
  const sidecars = sidecarsOf(pod);
  const statuses = listOf(at(pod, "status", "initContainerStatuses"));
  const restarts = statuses.reduce<number>((sum, status) => sum + (numberOf(at(status, "restartCount")) ?? 0), 0);
  const restartedAt = Math.max(0, ...statuses.map(restartTime));
  for (const [index, status] of statuses.entries()) {
    const name = textOf(at(status, "name")) ?? "";
    const isRunningSidecar = sidecars.has(name) && at(status, "started") === true;
    if (isRunningSidecar || numberOf(at(status, "state", "terminated", "exitCode")) === 0) continue;
    return {
      reason: `Init:${stuckReason(status) ?? `${index}/${specs.length}`}`,
      ready: 0,
      restarts,
      restartedAt: restartedAt === 0 ? undefined : restartedAt,
    };
  }
  return undefined;
}

function stuckReason(status: unknown): string | undefined {
  const ended = at(status, "state", "terminated");
  if (ended !== undefined) return endedReason(ended);
  const waiting = textOf(at(status, "state", "waiting", "reason")) ?? "";
  return waiting !== "" && waiting !== "PodInitializing" ? waiting : undefined;
}

function endedReason(ended: unknown): string {
  const reason = textOf(at(ended, "reason")) ?? "";
  if (reason !== "") return reason;
  const signal = numberOf(at(ended, "signal")) ?? 0;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${numberOf(at(ended, "exitCode")) ?? 0}`;
}

function containerSummary(pod: KubeObject, phase: string, init: Summary | undefined): Summary {
  const sidecars = sidecarsOf(pod);
  const initStatuses = listOf(at(pod, "status", "initContainerStatuses")).filter((status) =>
    sidecars.has(textOf(at(status, "name")) ?? ""),
  );
  const statuses = listOf(at(pod, "status", "containerStatuses"));
  let reason = phase;
  let hasRunning = false;
  let ready = initStatuses.filter((status) => at(status, "ready") === true && at(status, "started") === true).length;
  // The first container's reason wins, so they are looked at from the last to the first.
  for (const status of statuses.toReversed()) {
    const state = fieldsOf(at(status, "state"));
    const waiting = textOf(at(state, "waiting", "reason")) ?? "";
    if (waiting !== "") reason = waiting;
    else if (state["terminated"] !== undefined) reason = endedReason(state["terminated"]);
    else if (at(status, "ready") === true && state["running"] !== undefined) {
      hasRunning = true;
      ready++;
    }
  }
  if (reason === "Completed" && hasRunning) reason = isConditionTrue(pod, "Ready") ? "Running" : "NotReady";
  const counted = [...initStatuses, ...statuses];
  const restarts = counted.reduce<number>((sum, status) => sum + (numberOf(at(status, "restartCount")) ?? 0), 0);
  const restartedAt = Math.max(0, ...counted.map(restartTime));
  if (init !== undefined && statuses.length === 0) return { ...init, ready };
  return { reason, ready, restarts, restartedAt: restartedAt === 0 ? undefined : restartedAt };
}
