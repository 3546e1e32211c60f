import { createRandom } from "@slash28/simulation";
import { Crowd } from "./crowd.ts";
import { evenlyMs, exponentialMs } from "./spread.ts";
import type { PodEvent, PodEventsOf, SteadyWorkload } from "./workload.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** The same number of pods all the time; one that ends is replaced at once. */
export const steadyEvents: PodEventsOf<SteadyWorkload> = function* (workload, seed) {
  const { lifetime } = workload;
  if (workload.pods === 0) return undefined;
  if (lifetime?.kind === "fixed") return yield* agingEvents(workload, lifetime.ms);
  return yield* restlessEvents(workload, lifetime?.meanMs ?? NEVER, seed);
};

/** Pods end at random. As they have no age, one draw tells when the next of all of them does. */
function* restlessEvents({ name, pods, startWithinMs }: SteadyWorkload, meanMs: number, seed: number): Generator<PodEvent, undefined> {
  const random = createRandom("steady", name, seed);
  const crowd = new Crowd();
  const nextEndIn = (): number => (crowd.size === 0 || meanMs === NEVER ? NEVER : exponentialMs(random, meanMs / crowd.size));
  let now = 0;
  for (let started = 0; started <= pods; started++) {
    const startsAt = started === pods ? NEVER : evenlyMs(started, pods, startWithinMs);
    for (let endsAt = now + nextEndIn(); endsAt < startsAt; endsAt += nextEndIn()) {
      yield crowd.endAny(endsAt, random);
      yield crowd.start(endsAt);
    }
    if (startsAt === NEVER) return undefined;
    now = startsAt;
    yield crowd.start(now);
  }
  return undefined;
}

/**
 * Pods end at a set age. Once all have started they end one after another at equal intervals, as if the first ones had been of all ages: who started
 * first, ends first, and its number tells when.
 */
function* agingEvents({ pods, startWithinMs }: SteadyWorkload, lifetimeMs: number): Generator<PodEvent, undefined> {
  for (let pod = 0; pod < pods; pod++) yield { kind: "start", atMs: Math.round(evenlyMs(pod, pods, startWithinMs)), pod };
  for (let pod = 0; ; pod++) {
    const atMs = Math.round(startWithinMs + ((pod + 1) * lifetimeMs) / pods);
    yield { kind: "end", atMs, pod };
    yield { kind: "start", atMs, pod: pod + pods };
  }
}
