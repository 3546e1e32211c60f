import { createRandom } from "@slash28/simulation";
import { Crowd } from "./crowd.ts";
import { evenlyMs, exponentialMs } from "./spread.ts";
import type { DiurnalWorkload, PodEventsOf } from "./workload.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** The number of pods goes up and down with the day. */
export const diurnalEvents: PodEventsOf<DiurnalWorkload> = function* (workload, seed) {
  const { meanLifetimeMs } = workload;
  const random = createRandom("diurnal", workload.name, seed);
  const crowd = new Crowd();
  const nextEndIn = (): number =>
    meanLifetimeMs === undefined || crowd.size === 0 ? NEVER : exponentialMs(random, meanLifetimeMs / crowd.size);
  const steps = stepsOf(workload);
  let now = 0;
  for (;;) {
    const step = steps.next().value;
    // A day of constant numbers has no more steps; its pods are still replaced.
    const until = step?.atMs ?? NEVER;
    for (let endsAt = now + nextEndIn(); endsAt < until; endsAt += nextEndIn()) {
      yield crowd.endAny(endsAt, random);
      yield crowd.start(endsAt);
    }
    if (step === undefined) return undefined;
    now = step.atMs;
    yield step.isUp ? crowd.start(now) : crowd.endLast(now);
  }
};

interface Step {
  readonly atMs: number;
  readonly isUp: boolean;
}

/** One pod more or one fewer: the pods of the start, evenly, and the day's own steps. Who would go before it has come, never comes. */
function* stepsOf(workload: DiurnalWorkload): Generator<Step, undefined> {
  const planned = podsAtStart(workload);
  const startsAt = (pod: number): number => evenlyMs(pod, planned, workload.startWithinMs);
  let first = planned;
  let started = 0;
  for (const step of stepsOfDay(workload)) {
    for (; started < first && startsAt(started) <= step.atMs; started++) yield { atMs: startsAt(started), isUp: true };
    if (!step.isUp && started < first) first--;
    else yield step;
  }
  for (; started < first; started++) yield { atMs: startsAt(started), isUp: true };
  return undefined;
}

/** How far from a peak the curve is half-way between `podsLow + step` and the next number. */
function distanceMs({ podsLow, podsHigh, periodMs }: DiurnalWorkload, step: number): number {
  return (periodMs / (2 * Math.PI)) * Math.acos((2 * (step + 0.5)) / (podsHigh - podsLow) - 1);
}

/** The last peak that is a whole period before the run, and any number of periods later. */
function peakMs({ periodMs, peakAtMs }: DiurnalWorkload, periods: number): number {
  return peakAtMs + (periods - Math.ceil(peakAtMs / periodMs) - 1) * periodMs;
}

/** Told by the same comparisons as the steps that follow: the sine itself would round another way where it meets a half. */
function podsAtStart(workload: DiurnalWorkload): number {
  const peaks = [0, 1, 2].map((periods) => peakMs(workload, periods));
  let pods = workload.podsLow;
  for (let step = 0; step < workload.podsHigh - workload.podsLow; step++) {
    const distance = distanceMs(workload, step);
    if (peaks.some((peak) => peak - distance <= 0 && peak + distance > 0)) pods++;
  }
  return pods;
}

/** When the sine passes from one whole number to the next, solved for each of them. */
function* stepsOfDay(workload: DiurnalWorkload): Generator<Step, undefined> {
  const range = workload.podsHigh - workload.podsLow;
  if (range === 0) return undefined;
  for (let periods = 0; ; periods++) {
    const peak = peakMs(workload, periods);
    for (let step = 0; step < range; step++) {
      const atMs = peak - distanceMs(workload, step);
      if (atMs > 0) yield { atMs, isUp: true };
    }
    for (let step = range - 1; step >= 0; step--) {
      const atMs = peak + distanceMs(workload, step);
      if (atMs > 0) yield { atMs, isUp: false };
    }
  }
}
