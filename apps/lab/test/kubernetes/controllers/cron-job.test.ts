import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { reconcileCronJob } from "../../../src/kubernetes/controllers/cron-job/reconcile.ts";
import { parseSchedule } from "../../../src/kubernetes/controllers/cron-job/schedule.ts";
import { ownerReferenceTo } from "../../../src/kubernetes/controllers/objects/index.ts";
import type { CronJob, CronJobStatus, Job } from "../../../src/kubernetes/controllers/objects/index.ts";
import { NOW, ago } from "../objects.ts";

function aCronJob(spec: Partial<CronJob["spec"]> = {}, status?: CronJobStatus): CronJob {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "tidy", namespace: "default", uid: "cj", creationTimestamp: ago(90) },
    spec: {
      schedule: "* * * * *",
      jobTemplate: { metadata: { labels: { app: "tidy" } }, spec: { template: { spec: { containers: [{ name: "c" }] } } } },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

function aJob(name: string, look: { age: number; end?: "Complete" | "Failed" }): Job {
  const conditions = look.end === undefined ? [] : [{ type: look.end, status: "True" }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      creationTimestamp: ago(look.age),
      ownerReferences: [ownerReferenceTo(aCronJob())],
    },
    spec: { template: { spec: { containers: [] } } },
    status: { conditions, startTime: ago(look.age), ...(look.end === "Complete" ? { completionTime: ago(look.age - 1) } : {}) },
  };
}

const active = (name: string) => ({ apiVersion: "batch/v1", kind: "Job", name, namespace: "default", uid: `uid-${name}` });
const plan = (cronJob: CronJob, jobs: readonly Job[] = [], now = NOW) => reconcileCronJob({ cronJob, jobs, now });

describe("a cron job", () => {
  test("starts a job when it is due, named after the minute", () => {
    const { create, status, afterMs } = plan(aCronJob());
    expect(create).toMatchObject({
      metadata: {
        name: `tidy-${NOW / 60_000}`,
        labels: { app: "tidy" },
        annotations: { "batch.kubernetes.io/cronjob-scheduled-timestamp": ago(0) },
        ownerReferences: [{ kind: "CronJob", name: "tidy", controller: true }],
      },
    });
    expect(status.lastScheduleTime).toBe(ago(0));
    expect(afterMs).toBe(60_000);
  });

  test("starts nothing twice: what was due last was started", () => {
    expect(plan(aCronJob({}, { lastScheduleTime: ago(0) })).create).toBe(undefined);
    const there = aJob(`tidy-${NOW / 60_000}`, { age: 1 });
    const { create, status } = plan(aCronJob(), [there]);
    expect(create).toBe(undefined);
    expect(status).toEqual({ active: [active(there.metadata.name)], lastScheduleTime: ago(0) });
  });

  test("starts only the latest of many it has missed, and warns", () => {
    const asleep = { ...aCronJob(), metadata: { ...aCronJob().metadata, creationTimestamp: ago(86_400) } };
    const { create, news } = plan(asleep);
    expect(create?.metadata.name).toBe(`tidy-${NOW / 60_000}`);
    expect(news).toMatchObject([{ reason: "TooManyMissedTimes" }]);
  });

  test("leaves what is too late, and everything while it is suspended", () => {
    const hourly = aCronJob({ schedule: "30 11 * * *", startingDeadlineSeconds: 60 });
    const old = { ...hourly, metadata: { ...hourly.metadata, creationTimestamp: ago(7_200) } };
    expect(plan(old).create).toBe(undefined);
    expect(plan({ ...old, spec: { ...old.spec, startingDeadlineSeconds: 3_600 } }).create).toBeDefined();
    expect(plan(aCronJob({ suspend: true }))).toMatchObject({ delete: [], news: [] });
    expect(plan(aCronJob({ suspend: true })).create).toBe(undefined);
  });

  const running = aJob("tidy-1", { age: 60 });
  test.each([
    ["Allow", true, []],
    ["Forbid", false, []],
    ["Replace", true, [running]],
  ])("with %s and a job that still runs", (concurrencyPolicy, starts, gone) => {
    const { create, delete: deleted, news } = plan(aCronJob({ concurrencyPolicy }, { active: [active("tidy-1")] }), [running]);
    expect(create !== undefined).toBe(starts);
    expect(deleted).toEqual(gone);
    expect(news.map(({ reason }) => reason)).toEqual(starts ? [] : ["JobAlreadyActive"]);
  });

  test("forgets jobs that have finished, and remembers the last success", () => {
    const { status, news } = plan(aCronJob({ suspend: true }, { active: [active("a"), active("b"), active("gone")] }), [
      aJob("a", { age: 60, end: "Complete" }),
      aJob("b", { age: 30 }),
    ]);
    expect(status).toEqual({ active: [active("b")], lastSuccessfulTime: ago(59) });
    expect(news.map(({ reason }) => reason)).toEqual(["SawCompletedJob", "MissingJob"]);
  });

  test("keeps three successes and one failure, the newest", () => {
    const jobs = [5, 4, 3, 2, 1].flatMap((age) => [
      aJob(`ok-${age}`, { age, end: "Complete" }),
      aJob(`bad-${age}`, { age, end: "Failed" }),
    ]);
    expect(plan(aCronJob({ suspend: true }), jobs).delete.map(({ metadata }) => metadata.name)).toEqual([
      "ok-5",
      "ok-4",
      "bad-5",
      "bad-4",
      "bad-3",
      "bad-2",
    ]);
  });
});

describe("a schedule", () => {
  test.each([
    ["0 9 * * 1", "America/New_York", "2030-01-07T14:00:00.000Z"],
    ["@hourly", undefined, "2030-01-01T13:00:00.000Z"],
    ["@every 90s", undefined, "2030-01-01T12:01:30.000Z"],
    // Day of month and day of week: either will do.
    ["0 0 13 * 5", undefined, "2030-01-04T00:00:00.000Z"],
  ])("%s in %s is next due at %s", (line, zone, time) => {
    const schedule = parseSchedule(line, zone);
    expect(schedule.ok && new Date(schedule.next(NOW) ?? 0).toISOString()).toBe(time);
  });

  test.each([
    ["61 * * * *", undefined, "UnparseableSchedule"],
    ["* * * * * *", undefined, "UnparseableSchedule"],
    ["* * * * *", "Mars/Base", "UnknownTimeZone"],
  ])("%s in %s is refused", (line, zone, reason) => expect(parseSchedule(line, zone)).toMatchObject({ ok: false, reason }));

  test("the last time due is the one before the next", () => {
    const lines = constantFrom("* * * * *", "*/7 * * * *", "5 4 * * *", "0 0 1 * *", "30 2 * * 0");
    assert(
      property(lines, integer({ min: 0, max: 40_000_000 }), (line, seconds) => {
        const schedule = parseSchedule(line, undefined);
        if (!schedule.ok) throw new Error(schedule.why);
        const now = NOW + seconds * 1_000;
        const { time } = schedule.last(NOW - 1, now);
        if (time === undefined) expect(schedule.next(NOW - 1)).toBeGreaterThan(now);
        else expect([time <= now, schedule.next(time)]).toEqual([true, schedule.next(now)]);
      }),
      { numRuns: 25 },
    );
  });
});
