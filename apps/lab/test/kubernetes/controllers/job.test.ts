import { array, assert, boolean, constantFrom, integer, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIndexes, parseIndexes } from "../../../src/kubernetes/controllers/job/indexes.ts";
import { TRACKING_FINALIZER, jobPod } from "../../../src/kubernetes/controllers/job/job-pods.ts";
import { isFinished, reconcileJob } from "../../../src/kubernetes/controllers/job/reconcile.ts";
import type { JobPlan } from "../../../src/kubernetes/controllers/job/reconcile.ts";
import type { Job, JobSpec, JobStatus, Pod } from "../../../src/kubernetes/controllers/objects/index.ts";
import { seededRandom } from "../cluster.ts";
import { NOW, ago } from "../objects.ts";

function aJob(spec: Partial<JobSpec> = {}, status?: JobStatus): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "sum", namespace: "default", uid: "job" },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      template: { spec: { restartPolicy: "Never", containers: [{ name: "c" }] } },
      podReplacementPolicy: "TerminatingOrFailed",
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

type Ending = "Succeeded" | "Failed";

interface Look {
  readonly phase?: Ending;
  readonly index?: number;
  readonly failures?: number;
  readonly code?: number;
  readonly endedFor?: number;
  readonly isEnding?: boolean;
  readonly isReleased?: boolean;
  readonly condition?: string;
  readonly restarts?: number;
}

let names = 0;
function aMember(job: Job, look: Look = {}): Pod {
  const pod = jobPod(
    job,
    seededRandom(++names),
    look.index === undefined ? undefined : { number: look.index, failures: look.failures ?? 0 },
  );
  const terminated = { exitCode: look.code ?? (look.phase === "Succeeded" ? 0 : 1), finishedAt: ago(look.endedFor ?? 600) };
  const ended = { name: "c", restartCount: look.restarts ?? 0, ...(look.phase === undefined ? {} : { state: { terminated } }) };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      uid: `uid-${names}`,
      ...(look.isEnding === true ? { deletionTimestamp: ago(1) } : {}),
      ...(look.isReleased === true ? { finalizers: [] } : {}),
    },
    status: {
      phase: look.phase ?? "Running",
      containerStatuses: [ended],
      conditions: look.condition === undefined ? [] : [{ type: look.condition, status: "True" }],
    },
  };
}

const plan = (job: Job, pods: readonly Pod[] = []): JobPlan => reconcileJob({ job, pods, now: NOW });
const conditionsOf = ({ status }: JobPlan) => (status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);

describe("a job", () => {
  test("starts as many pods as may run at once, and no more than are left to do", () => {
    expect(plan(aJob({ parallelism: 3, completions: 5 })).create).toHaveLength(3);
    expect(plan(aJob({ parallelism: 3, completions: 5 }, { succeeded: 4 })).create).toHaveLength(1);
    expect(plan(aJob({ parallelism: 0 })).create).toHaveLength(0);
  });

  test("notes an ended pod, then lets it go, then counts it, and completes when all are counted", () => {
    const job = aJob();
    const pod = aMember(job, { phase: "Succeeded" });
    const first = plan(job, [pod]);
    expect(first.status.uncountedTerminatedPods).toEqual({ succeeded: [pod.metadata.uid], failed: [] });
    expect(first.status.succeeded).toBe(0);
    expect(first.release).toEqual([pod]);
    expect(conditionsOf(first)).toEqual(["SuccessCriteriaMet=True CompletionsReached"]);
    const released = { ...pod, metadata: { ...pod.metadata, finalizers: [] } };
    const second = plan({ ...job, status: first.status }, [released]);
    expect(second.status).toMatchObject({ succeeded: 1, completionTime: ago(0), active: 0 });
    expect(conditionsOf(second)).toContain("Complete=True CompletionsReached");
    expect(second.news).toEqual([{ type: "Normal", reason: "Completed", message: "Job completed" }]);
  });

  test("replaces a failed pod after a wait that doubles", () => {
    const job = aJob();
    const failed = (endedFor: number) => aMember(job, { phase: "Failed", isReleased: true, endedFor });
    expect(plan(job, [failed(4)])).toMatchObject({ create: [], afterMs: 6_000 });
    expect(plan(job, [failed(11)]).create).toHaveLength(1);
    expect(plan(job, [failed(100), failed(11)])).toMatchObject({ create: [], afterMs: 9_000 });
  });

  test.each<[string, Partial<JobSpec>, JobStatus, readonly Look[], string]>([
    ["more failures than the limit", { backoffLimit: 1 }, { failed: 1 }, [{ phase: "Failed" }], "BackoffLimitExceeded"],
    ["a deadline that is over", { activeDeadlineSeconds: 30 }, { startTime: ago(31) }, [{}], "DeadlineExceeded"],
    [
      "containers restarted too often",
      { backoffLimit: 2, template: { spec: { restartPolicy: "OnFailure", containers: [{ name: "c" }] } } },
      {},
      [{ restarts: 2 }],
      "BackoffLimitExceeded",
    ],
    [
      "an exit code that means failure",
      { podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }] } },
      {},
      [{ phase: "Failed", code: 42 }, {}],
      "PodFailurePolicy",
    ],
    [
      "too many failed indexes",
      { completionMode: "Indexed", completions: 4, backoffLimitPerIndex: 0, maxFailedIndexes: 0 },
      {},
      [{ phase: "Failed", index: 2 }, { index: 0 }],
      "MaxFailedIndexesExceeded",
    ],
  ])("fails by %s: its pods are deleted first", (_, spec, status, looks, reason) => {
    const job = aJob(spec, status);
    const pods = looks.map((look) => aMember(job, look));
    const first = plan(job, pods);
    expect(conditionsOf(first)).toEqual([`FailureTarget=True ${reason}`]);
    expect(first.delete).toEqual(pods.filter((pod) => pod.status?.phase === "Running"));
    const later = plan({ ...job, status: { ...first.status, uncountedTerminatedPods: {} } });
    expect(conditionsOf(later)).toContain(`Failed=True ${reason}`);
    expect(later.create).toEqual([]);
  });

  test("does not count failures that its policy ignores", () => {
    const job = aJob({ podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }] } });
    const pod = aMember(job, { phase: "Failed", condition: "DisruptionTarget" });
    const { status, release } = plan(job, [pod]);
    expect(status.uncountedTerminatedPods).toEqual({ succeeded: [], failed: [] });
    expect(release).toEqual([pod]);
  });

  test("suspended, takes its pods back without counting them, and starts anew when resumed", () => {
    const job = aJob({ suspend: true }, { startTime: ago(60) });
    const paused = plan(job, [aMember(job)]);
    expect(paused).toMatchObject({ isUncounted: true, delete: [{}] });
    expect(paused.status.startTime).toBe(undefined);
    expect(conditionsOf(paused)).toEqual(["Suspended=True JobSuspended"]);
    const resumed = plan({ ...job, spec: { ...job.spec, suspend: false }, status: paused.status });
    expect(resumed.create).toHaveLength(1);
    expect(resumed.status.startTime).toBe(ago(0));
    expect(conditionsOf(resumed)).toEqual(["Suspended=False JobResumed"]);
  });

  test("finished, expires when its time is over", () => {
    const done = aJob({ ttlSecondsAfterFinished: 60 }, { conditions: [{ type: "Complete", status: "True", lastTransitionTime: ago(50) }] });
    expect(plan(done)).toMatchObject({ expire: false, afterMs: 10_000 });
    expect(reconcileJob({ job: done, pods: [], now: NOW + 10_000 }).expire).toBe(true);
  });

  test("deleted, lets its pods go", () => {
    const job = { ...aJob(), metadata: { ...aJob().metadata, deletionTimestamp: ago(1) } };
    const pod = aMember(job);
    expect(plan(job, [pod])).toMatchObject({ release: [pod], create: [], delete: [] });
  });
});

describe("an indexed job", () => {
  const spec: Partial<JobSpec> = { completionMode: "Indexed", completions: 4, parallelism: 2 };

  test("works on the lowest indexes that are not done", () => {
    expect(plan(aJob(spec)).create.map(({ index }) => index?.number)).toEqual([0, 1]);
    expect(plan(aJob(spec, { completedIndexes: "0,2", succeeded: 2 })).create.map(({ index }) => index?.number)).toEqual([1, 3]);
  });

  test("tells its pods their index", () => {
    const pod = jobPod(aJob(spec), seededRandom(), { number: 3, failures: 0 });
    expect(pod.metadata.name).toMatch(/^sum-3-[a-z0-9]{5}$/);
    expect(pod.spec).toMatchObject({ hostname: "sum-3", containers: [{ env: [{ name: "JOB_COMPLETION_INDEX" }] }] });
  });

  test("counts failures per index, and gives single indexes up", () => {
    const job = aJob({ ...spec, backoffLimitPerIndex: 1, backoffLimit: 100 });
    const once = plan(job, [aMember(job, { phase: "Failed", index: 0, failures: 0, isReleased: true }), aMember(job, { index: 1 })]);
    expect(once.create).toEqual([{ index: { number: 0, failures: 1 } }]);
    const twice = plan(job, [aMember(job, { phase: "Failed", index: 0, failures: 1 }), aMember(job, { index: 1 })]);
    expect(twice.status.failedIndexes).toBe("0");
  });

  test("may succeed with a part", () => {
    const job = aJob({ ...spec, successPolicy: { rules: [{ succeededIndexes: "0-1", succeededCount: 1 }] } });
    const running = aMember(job, { index: 0 });
    const done = plan(job, [running, aMember(job, { index: 1, phase: "Succeeded" })]);
    expect(conditionsOf(done)).toEqual(["SuccessCriteriaMet=True SuccessPolicy"]);
    expect(done.delete).toEqual([running]);
  });
});

test("index lists are read as they are written", () => {
  expect(formatIndexes([4, 1, 2, 3, 7, 9, 8])).toBe("1-4,7-9");
  assert(
    property(array(nat(200)), (indexes) => {
      expect([...parseIndexes(formatIndexes(indexes))]).toEqual([...new Set(indexes)].sort((a, b) => a - b));
    }),
  );
});

test("every pod is counted once, wherever the controller dies, and the job ends at its completions or its limit", () => {
  const life = record({
    completions: integer({ min: 1, max: 5 }),
    parallelism: integer({ min: 1, max: 4 }),
    backoffLimit: nat(3),
    isIndexed: boolean(),
    endings: array(constantFrom<Ending>("Succeeded", "Failed"), { minLength: 1, maxLength: 12 }),
    deaths: array(nat(3), { maxLength: 6 }),
  });
  assert(
    property(life, ({ completions, parallelism, backoffLimit, isIndexed, endings, deaths }) => {
      let job = aJob({ completions, parallelism, backoffLimit, completionMode: isIndexed ? "Indexed" : "NonIndexed" });
      const pods = new Map<string, Pod>();
      const ended = { Succeeded: 0, Failed: 0 };
      let at = 0;
      for (let turn = 0; turn < 400 && !isFinished(job); turn++) {
        // The wait after a failure is over long since.
        const { status, release, create, delete: spare } = reconcileJob({ job, pods: [...pods.values()], now: NOW + 1e9 });
        const isDead = (step: number): boolean => [...deaths, 0][turn % (deaths.length + 1)] === step;
        if (isDead(1)) continue;
        job = { ...job, status };
        if (isDead(2)) continue;
        for (const pod of release) pods.set(pod.metadata.uid ?? "", { ...pod, metadata: { ...pod.metadata, finalizers: [] } });
        if (isDead(3)) continue;
        for (const pod of spare) {
          pods.set(pod.metadata.uid ?? "", { ...pod, status: { phase: "Failed" } });
          ended.Failed++;
        }
        for (const { index } of create) {
          const pod = aMember(job, index === undefined ? {} : { index: index.number, failures: index.failures });
          pods.set(pod.metadata.uid ?? "", pod);
        }
        const active = [...pods.values()].filter((pod) => pod.status?.phase === "Running");
        expect(active.length).toBeLessThanOrEqual(parallelism);
        const [next] = active;
        if (next === undefined) continue;
        const phase = endings[at++ % endings.length] ?? "Succeeded";
        ended[phase]++;
        pods.set(next.metadata.uid ?? "", { ...next, status: { phase } });
      }
      if (!endings.includes("Succeeded")) expect(job.status?.conditions?.map(({ type }) => type)).toContain("Failed");
      expect(isFinished(job)).toBe(true);
      expect(job.status).toMatchObject({ failed: ended.Failed, succeeded: ended.Succeeded });
      // What a death left with its finalizer is let go in the next turn.
      const left = reconcileJob({ job, pods: [...pods.values()], now: NOW }).release.map(({ metadata }) => metadata.uid);
      const held = [...pods.values()].filter((pod) => pod.metadata.finalizers?.includes(TRACKING_FINALIZER));
      expect(held.map(({ metadata }) => metadata.uid)).toEqual(left);
    }),
  );
});
