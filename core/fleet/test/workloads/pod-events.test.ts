import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { podEventsOf, type PodEvent, type Workload } from "../../src/index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The events of a run; shapes that never end are cut off after `most`. */
function eventsOf(workload: Workload, durationMs: number, { seed = 28, most = 20_000 } = {}): PodEvent[] {
  const events: PodEvent[] = [];
  const source = podEventsOf(workload, { seed });
  while (events.length < most) {
    const { done, value } = source.next();
    if (done === true || value.atMs > durationMs) break;
    events.push(value);
  }
  return events;
}

/** Pods that are wanted at a time. Jobs' pods end by themselves. */
function wantedAt(events: readonly PodEvent[], atMs: number): number {
  let wanted = 0;
  for (const event of events) {
    if (event.atMs > atMs) break;
    if (event.kind === "end") wanted--;
    else if (event.runsForMs === undefined || event.atMs + event.runsForMs > atMs) wanted++;
  }
  return wanted;
}

const startsOf = (events: readonly PodEvent[]): PodEvent[] => events.filter(({ kind }) => kind === "start");

const pods = fc.integer({ min: 0, max: 60 });
const some = fc.integer({ min: 1, max: 60 });
const time = fc.integer({ min: 1, max: 3 * HOUR });
const within = fc.integer({ min: 0, max: HOUR });
const steady = fc.record({
  kind: fc.constant("steady" as const),
  name: fc.string(),
  pods,
  startWithinMs: within,
  lifetime: fc.option(
    fc.oneof(
      fc.record({ kind: fc.constant("exponential" as const), meanMs: time }),
      fc.record({ kind: fc.constant("fixed" as const), ms: time }),
    ),
    { nil: undefined },
  ),
});
const diurnal = fc
  .record({
    low: pods,
    more: pods,
    periodMs: time,
    peakAtMs: fc.nat(6 * HOUR),
    startWithinMs: within,
    mean: fc.option(time, { nil: undefined }),
  })
  .map(({ low, more, mean, ...rest }) => ({
    kind: "diurnal" as const,
    name: "d",
    podsLow: low,
    podsHigh: low + more,
    ...rest,
    ...(mean === undefined ? {} : { meanLifetimeMs: mean }),
  }));
const waves = fc.record({
  kind: fc.constant("deploy-waves" as const),
  name: fc.constant("w"),
  pods,
  startWithinMs: within,
  firstAtMs: within,
  everyMs: time,
  maxSurge: pods,
  maxUnavailable: pods,
  readyAfterMs: fc.nat(MINUTE),
});
const bursts = fc.record({
  kind: fc.constant("cron-bursts" as const),
  name: fc.constant("c"),
  pods: some,
  firstAtMs: within,
  everyMs: time,
  startWithinMs: within,
  runsForMs: time,
  runsForSpread: fc.double({ min: 0, max: 1, noNaN: true }),
});
const storm = fc.record({
  kind: fc.constant("autoscaling-storm" as const),
  name: fc.constant("s"),
  podsBefore: pods,
  podsAtPeak: pods,
  startWithinMs: within,
  atMs: within,
  riseMs: within,
  staysMs: within,
  fallMs: within,
  everyMs: time,
});
const batch = fc.record({
  kind: fc.constant("batch" as const),
  name: fc.constant("b"),
  completions: some,
  parallelism: some,
  runsForMs: time,
  runLengths: fc.constantFrom("exponential" as const, "fixed" as const),
  firstAtMs: within,
  jobsPerHour: fc.integer({ min: 1, max: 100 }),
  arrivals: fc.constantFrom("even" as const, "random" as const),
});
const recordedPods = fc
  .array(fc.record({ startMs: fc.nat(HOUR), livesMs: fc.option(fc.nat(HOUR)) }))
  .map((lives) => lives.toSorted((a, b) => a.startMs - b.startMs))
  .map((lives) => ({
    kind: "recorded-pods" as const,
    name: "r",
    pods: lives.map(({ startMs, livesMs }) => ({ startMs, ...(livesMs === null ? {} : { endMs: startMs + livesMs }) })),
  }));
const anyWorkload: fc.Arbitrary<Workload> = fc.oneof(
  steady.map(({ lifetime, ...rest }) => ({ ...rest, ...(lifetime === undefined ? {} : { lifetime }) })),
  diurnal,
  waves,
  bursts,
  storm,
  batch,
  recordedPods,
);

describe("any workload", () => {
  property.prop([anyWorkload, fc.integer()])(
    "has events in order of time; each end has its start; a number is used once",
    (workload, seed) => {
      let lastMs = 0;
      const wanted = new Set<number>();
      const used = new Set<number>();
      const wrong: PodEvent[] = [];
      for (const event of eventsOf(workload, 12 * HOUR, { seed, most: 2_000 })) {
        const { kind, atMs, pod } = event;
        const isInOrder = Number.isInteger(atMs) && atMs >= lastMs;
        const isOwn = kind === "end" ? wanted.delete(pod) : !used.has(pod);
        if (!isInOrder || !isOwn) wrong.push(event);
        lastMs = atMs;
        if (kind === "end") continue;
        used.add(pod);
        wanted.add(pod);
      }
      expect(wrong).toEqual([]);
    },
  );

  property.prop([anyWorkload, fc.integer()])("is the same for the same seed", (workload, seed) => {
    const events = (): PodEvent[] => eventsOf(workload, 6 * HOUR, { seed, most: 500 });
    expect(events()).toEqual(events());
  });
});

describe("steady", () => {
  const shape = { kind: "steady", name: "web", pods: 200, startWithinMs: 10 * MINUTE } as const;

  test("starts its pods evenly, and without a lifetime that is all", () => {
    const events = eventsOf(shape, 24 * HOUR);
    expect(events).toHaveLength(200);
    expect([wantedAt(events, 0), wantedAt(events, 5 * MINUTE), wantedAt(events, 10 * MINUTE)]).toEqual([0, 100, 200]);
  });

  test("replaces pods as often as their mean lifetime says, and never has another number", () => {
    const events = eventsOf({ ...shape, lifetime: { kind: "exponential", meanMs: 2 * HOUR } }, 24 * HOUR);
    const replaced = events.filter(({ kind }) => kind === "end").length;
    // 200 pods a mean of 2 h for 24 h: 2,400, with a standard deviation of 49.
    expect(Math.abs(replaced - 2_390)).toBeLessThan(250);
    expect([1, 5, 20].map((hour) => wantedAt(events, hour * HOUR))).toEqual([200, 200, 200]);
  });

  test("with other seeds and other names replaces other pods", () => {
    const of = (name: string, seed: number): string =>
      JSON.stringify(eventsOf({ ...shape, name, lifetime: { kind: "exponential", meanMs: HOUR } }, 2 * HOUR, { seed }));
    expect(new Set([of("a", 1), of("a", 2), of("b", 1)]).size).toBe(3);
  });

  test("of a fixed lifetime ends pods at equal intervals, each at that age once the first are gone", () => {
    const events = eventsOf({ ...shape, lifetime: { kind: "fixed", ms: HOUR } }, 5 * HOUR);
    const starts = new Map(startsOf(events).map(({ pod, atMs }) => [pod, atMs]));
    const ends = events.filter(({ kind }) => kind === "end");
    expect(ends.slice(0, 3).map(({ atMs }) => atMs)).toEqual([618_000, 636_000, 654_000]);
    const ages = ends.filter(({ pod }) => pod >= 200).map(({ pod, atMs }) => atMs - (starts.get(pod) ?? 0));
    expect([...new Set(ages)]).toEqual([HOUR]);
    expect(ages).toHaveLength(766);
  });
});

describe("diurnal", () => {
  const shape = {
    kind: "diurnal",
    name: "shop",
    podsLow: 100,
    podsHigh: 500,
    periodMs: 24 * HOUR,
    peakAtMs: 12 * HOUR,
    startWithinMs: 0,
  } as const;

  test("follows a sine from low to high and back", () => {
    const events = eventsOf(shape, 48 * HOUR);
    expect([0, 6, 12, 18, 24, 30, 36].map((hour) => wantedAt(events, hour * HOUR))).toEqual([100, 300, 500, 300, 100, 300, 500]);
    expect(events).toHaveLength(100 + 4 * 400);
  });

  property.prop([diurnal, fc.nat(12 * HOUR)])("wants what the sine says, to the rounding of times and numbers", (workload, atMs) => {
    const { podsLow, podsHigh, periodMs, peakAtMs, startWithinMs } = workload;
    const height = (1 + Math.cos((2 * Math.PI * (atMs - peakAtMs)) / periodMs)) / 2;
    const exact = podsLow + (podsHigh - podsLow) * height;
    // In a period of a few milliseconds the sine moves between two of them.
    fc.pre(atMs >= startWithinMs && periodMs > MINUTE && atMs / periodMs < 50);
    const events = eventsOf({ ...workload, meanLifetimeMs: 10 * HOUR }, atMs);
    expect(Math.abs(wantedAt(events, atMs) - exact)).toBeLessThanOrEqual(1);
  });

  test("replaces pods beside that, also on a day that does not change", () => {
    const flat = { ...shape, podsLow: 100, podsHigh: 100, meanLifetimeMs: HOUR };
    const replaced = eventsOf(flat, 24 * HOUR).filter(({ kind }) => kind === "end").length;
    expect(Math.abs(replaced - 2_400)).toBeLessThan(250);
    const ended = eventsOf({ ...shape, meanLifetimeMs: HOUR }, 24 * HOUR).filter(({ kind }) => kind === "end").length;
    // On average 300 pods for 24 hours of an hour each, and 400 that go in the evening.
    expect(Math.abs(ended - 7_600)).toBeLessThan(500);
  });
});

describe("deploy waves", () => {
  const shape = {
    kind: "deploy-waves",
    name: "api",
    pods: 10,
    startWithinMs: 0,
    firstAtMs: HOUR,
    everyMs: 6 * HOUR,
    maxSurge: 3,
    maxUnavailable: 2,
    readyAfterMs: 10_000,
  } as const;

  test("replace all pods in batches of surge and unavailable", () => {
    const events = eventsOf(shape, 2 * HOUR);
    const running = [0, 10_000, 20_000].map((after) => wantedAt(events, HOUR + after));
    expect(running).toEqual([13, 13, 10]);
    expect(events.filter(({ atMs, kind }) => atMs === HOUR && kind === "end")).toHaveLength(2);
    expect(startsOf(events).map(({ pod }) => pod)).toEqual(Array.from({ length: 20 }, (_, pod) => pod));
  });

  property.prop([waves])("never have more pods than surge allows, nor fewer than unavailable allows", (workload) => {
    const missing = workload.maxSurge === 0 ? Math.max(1, workload.maxUnavailable) : workload.maxUnavailable;
    let wanted = 0;
    for (const { kind, pod } of eventsOf(workload, 24 * HOUR, { most: 1_000 })) {
      wanted += kind === "start" ? 1 : -1;
      expect(wanted).toBeLessThanOrEqual(workload.pods + workload.maxSurge);
      if (pod >= workload.pods) expect(wanted).toBeGreaterThanOrEqual(workload.pods - missing);
    }
  });

  test("roll out one by one where neither surge nor unavailable is given, as Kubernetes does", () => {
    const events = eventsOf({ ...shape, pods: 2, maxSurge: 0, maxUnavailable: 0 }, 2 * HOUR).slice(2);
    expect(events.map(({ kind, atMs, pod }) => `${kind} ${pod} ${atMs - HOUR}`)).toEqual([
      "end 0 0",
      "start 2 0",
      "end 1 10000",
      "start 3 10000",
    ]);
  });
});

describe("cron bursts", () => {
  const shape = {
    kind: "cron-bursts",
    name: "sync",
    pods: 50,
    firstAtMs: 0,
    everyMs: 15 * MINUTE,
    startWithinMs: 20_000,
    runsForMs: 3 * MINUTE,
    runsForSpread: 0.2,
  } as const;

  test("come every time within the jitter, and run for about as long as they should", () => {
    const events = eventsOf(shape, 24 * HOUR);
    expect(events).toHaveLength(96 * 50 + events.filter(({ atMs }) => atMs === 24 * HOUR).length);
    expect(events.every(({ atMs }) => atMs % (15 * MINUTE) <= 20_000)).toBe(true);
    const runs = events.map((event) => (event.kind === "start" ? (event.runsForMs ?? 0) : 0));
    expect(Math.min(...runs)).toBeGreaterThanOrEqual(144_000);
    expect(Math.max(...runs)).toBeLessThanOrEqual(216_000);
    expect(Math.abs(runs.reduce((sum, run) => sum + run, 0) / runs.length - 180_000)).toBeLessThan(2_000);
    const meanStart = events.reduce((sum, { atMs }) => sum + (atMs % (15 * MINUTE)), 0) / events.length;
    expect(Math.abs(meanStart - 10_000)).toBeLessThan(500);
  });
});

describe("an autoscaling storm", () => {
  const shape = {
    kind: "autoscaling-storm",
    name: "surge",
    podsBefore: 50,
    podsAtPeak: 900,
    startWithinMs: 0,
    atMs: 2 * HOUR,
    riseMs: 5 * MINUTE,
    staysMs: HOUR,
    fallMs: 10 * MINUTE,
  } as const;

  test("rises, stays and falls; those that came last go first", () => {
    const events = eventsOf(shape, 24 * HOUR);
    const minutes = [0, 119, 122.5, 126, 184, 190, 196];
    expect(minutes.map((minute) => wantedAt(events, minute * MINUTE))).toEqual([50, 50, 475, 900, 900, 475, 50]);
    expect(events.find(({ kind }) => kind === "end")).toMatchObject({ pod: 899 });
  });

  test("comes again, or stays to the end", () => {
    const again = eventsOf({ ...shape, everyMs: 6 * HOUR }, 24 * HOUR);
    expect([2.5, 5, 8.5, 11, 14.5].map((hour) => wantedAt(again, hour * HOUR))).toEqual([900, 50, 900, 50, 900]);
    const { staysMs: _, ...endless } = shape;
    expect(wantedAt(eventsOf(endless, 24 * HOUR), 24 * HOUR)).toBe(900);
  });
});

describe("batch", () => {
  const shape = {
    kind: "batch",
    name: "etl",
    completions: 10,
    parallelism: 4,
    runsForMs: 5 * MINUTE,
    runLengths: "fixed",
    firstAtMs: HOUR,
    arrivals: "even",
  } as const;

  test("one Job runs its pods so many at a time", () => {
    const events = eventsOf(shape, 24 * HOUR);
    expect(events.map(({ atMs }) => (atMs - HOUR) / MINUTE)).toEqual([0, 0, 0, 0, 5, 5, 5, 5, 10, 10]);
  });

  test("Jobs arrive evenly, or at random with the same mean", () => {
    const even = eventsOf({ ...shape, jobsPerHour: 2 }, 24 * HOUR);
    expect(startsOf(even).filter(({ atMs }) => atMs % (30 * MINUTE) === 0)).toHaveLength(47 * 4);
    const random = eventsOf({ ...shape, completions: 1, parallelism: 1, jobsPerHour: 100, arrivals: "random" }, 25 * HOUR);
    expect(Math.abs(random.length - 2_400)).toBeLessThan(250);
    const runs = eventsOf({ ...shape, jobsPerHour: 100, runLengths: "exponential" }, 25 * HOUR);
    const mean = runs.reduce((sum, event) => sum + (event.kind === "start" ? (event.runsForMs ?? 0) : 0), 0) / runs.length;
    expect(Math.abs(mean / (5 * MINUTE) - 1)).toBeLessThan(0.1);
  });

  property.prop([batch, fc.integer()])("never has more pods of a Job running than it may", (workload, seed) => {
    const { jobsPerHour: _, ...one } = workload;
    const events = eventsOf(one, 1_000 * HOUR, { seed });
    expect(events).toHaveLength(workload.completions);
    for (const { atMs } of events) expect(wantedAt(events, atMs)).toBeLessThanOrEqual(workload.parallelism);
  });
});

describe("recorded", () => {
  test("counts end those that started first", () => {
    const changes = [
      { atMs: 0, pods: 2 },
      { atMs: 5, pods: -1 },
      { atMs: 5, pods: 1 },
    ];
    const events = eventsOf({ kind: "recorded", name: "r", changes }, HOUR);
    expect(events.map(({ kind, pod, atMs }) => `${kind} ${pod} ${atMs}`)).toEqual(["start 0 0", "start 1 0", "end 0 5", "start 2 5"]);
  });

  test("counts that end more than they start are refused by name", () => {
    const changes = [{ atMs: 7, pods: -1 }];
    expect(() => eventsOf({ kind: "recorded", name: "trace", changes }, HOUR)).toThrow("workload trace ends more pods at 7 ms");
  });

  property.prop([recordedPods])("pods live as they did", (workload) => {
    const events = eventsOf(workload, 10 * HOUR);
    const wanted = workload.pods.flatMap(({ startMs, endMs }, pod) => [
      { kind: "start", atMs: startMs, pod },
      ...(endMs === undefined ? [] : [{ kind: "end", atMs: endMs, pod }]),
    ]);
    const inOrder = (list: readonly { readonly pod: number; readonly kind: string }[]): unknown =>
      list.toSorted((a, b) => a.pod - b.pod || b.kind.localeCompare(a.kind));
    expect(inOrder(events)).toEqual(inOrder(wanted));
  });
});
