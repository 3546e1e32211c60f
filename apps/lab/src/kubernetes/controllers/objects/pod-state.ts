import type { Millis } from "@slash28/ports";
import { conditionOf } from "./conditions.ts";
import type { Container, Pod, PodSpec } from "./pod.ts";

/** Its containers have ended for good, well or not. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Counts towards its owner's replicas: neither finished nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: Millis): boolean {
  return availableInMs(pod, minReadySeconds, now) === 0;
}

/** How long until a ready pod counts as available; `undefined` when it is not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, now: Millis): number | undefined {
  const ready = conditionOf(pod.status?.conditions, "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return 0;
  const since = Date.parse(ready.lastTransitionTime ?? "");
  if (Number.isNaN(since)) return minReadySeconds * 1_000;
  return Math.max(0, since + minReadySeconds * 1_000 - now);
}

/** The ports of all containers that keep running: sidecars too. */
export function containerPorts(spec: PodSpec): readonly NonNullable<Container["ports"]>[number][] {
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  return [...spec.containers, ...sidecars].flatMap((container) => container.ports ?? []);
}
