import { evenlyMs } from "./spread.ts";
import type { DeployWavesWorkload, PodEvent, PodEventsOf } from "./workload.ts";

/**
 * Rollouts of a Deployment (Kubernetes: "Rolling Update Deployment"): never more pods than `pods + maxSurge`, never fewer ready than
 * `pods - maxUnavailable`. With a constant time to readiness that is batches of `maxSurge + maxUnavailable`: a batch starts as the one before is ready
 * and as many old pods end. Pods of the nth version have the numbers from n times `pods`.
 */
export const deployWavesEvents: PodEventsOf<DeployWavesWorkload> = function* (workload) {
  const { pods, firstAtMs, everyMs, startWithinMs } = workload;
  if (pods === 0) return undefined;
  for (let pod = 0; pod < pods; pod++) yield { kind: "start", atMs: Math.round(evenlyMs(pod, pods, startWithinMs)), pod };
  let readyAt = Math.round(startWithinMs);
  for (let wave = 0; ; wave++) {
    const atMs = Math.max(Math.round(firstAtMs + wave * everyMs), readyAt);
    readyAt = yield* rollout(workload, wave * pods, atMs);
  }
};

/** @returns when all of the new version is ready. */
function* rollout(
  { pods, maxSurge, maxUnavailable, readyAfterMs }: DeployWavesWorkload,
  oldest: number,
  beginMs: number,
): Generator<PodEvent, number> {
  const missing = Math.min(pods, maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable);
  const batch = maxSurge + missing;
  let atMs = beginMs;
  let ended = 0;
  let started = 0;
  const endUpTo = function* (count: number): Generator<PodEvent, void> {
    while (ended < Math.min(pods, count)) yield { kind: "end", atMs, pod: oldest + ended++ };
  };
  yield* endUpTo(missing);
  while (started < pods) {
    for (let left = Math.min(batch, pods - started); left > 0; left--) yield { kind: "start", atMs, pod: oldest + pods + started++ };
    atMs += readyAfterMs;
    yield* endUpTo(started === pods ? pods : missing + started);
  }
  return atMs;
}
