import { RESOURCES } from "@slash28/kube";
import type { Kube, KubeObject, KubeResource, PatchRequest, WatchEvent } from "@slash28/ports";
import { eventually, quietLog } from "@slash28/testkit";
import { expect, test } from "vitest";
import { createClusterView } from "../../../src/kubernetes/controllers/cluster-view.ts";
import { startJobController } from "../../../src/kubernetes/controllers/job/job-controller.ts";
import type { Job, JobStatus } from "../../../src/kubernetes/controllers/objects/index.ts";
import { realClock, seededRandom } from "../cluster.ts";

const JOB: Job = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "sum", namespace: "default", uid: "job", resourceVersion: "1" },
  spec: {
    parallelism: 2,
    completions: 2,
    template: { metadata: { labels: { app: "sum" } }, spec: { restartPolicy: "Never", containers: [{ name: "c" }] } },
  },
};

/** An API with this one job, whose watch tells of pods when the test says so, and which takes its time over a status. */
function aSlowApi(): {
  readonly kube: Kube;
  readonly made: readonly KubeObject[];
  readonly statuses: readonly JobStatus[];
  readonly tell: (pod: KubeObject | undefined) => void;
  /** Statuses are not written until the result is called. */
  readonly hold: () => () => void;
} {
  const made: KubeObject[] = [];
  const statuses: JobStatus[] = [];
  const told: KubeObject[] = [];
  let held = Promise.resolve();
  const kube: Partial<Kube> = {
    get: async () => await Promise.resolve(undefined),
    list: async <T extends KubeObject>(resource: KubeResource) =>
      await Promise.resolve({
        items: (resource === RESOURCES.jobs ? [JOB] : []) as readonly KubeObject[] as readonly T[],
        resourceVersion: "1",
      }),
    async *watch<T extends KubeObject>(resource: KubeResource, _version: string, options?: Parameters<Kube["watch"]>[2]) {
      for (let at = 0; options?.signal?.aborted !== true;) {
        const object = resource === RESOURCES.pods ? told[at] : undefined;
        if (object === undefined) await realClock.sleep(5, options?.signal);
        else {
          at++;
          yield { type: "ADDED", object } as WatchEvent as WatchEvent<T>;
        }
      }
    },
    create: async <T extends KubeObject>(resource: KubeResource, object: T) => {
      const stored = { ...object, metadata: { ...object.metadata, uid: `pod-${made.length}`, resourceVersion: String(made.length + 2) } };
      if (resource === RESOURCES.pods) made.push(stored);
      return await Promise.resolve(stored);
    },
    patch: async <T extends KubeObject>(_resource: KubeResource, _name: string, _namespace: string | undefined, { body }: PatchRequest) => {
      statuses.push((body as { readonly status: JobStatus }).status);
      await held;
      return JOB as KubeObject as T;
    },
  };
  return {
    kube: kube as Kube,
    made,
    statuses,
    tell: (pod) => void (pod !== undefined && told.push(pod)),
    hold() {
      let release = (): void => undefined;
      held = new Promise<void>((resolve) => (release = resolve));
      return () => release();
    },
  };
}

test("a pod that is seen while the status is written is not made again", async () => {
  const api = aSlowApi();
  const ports = { kube: api.kube, clock: realClock, random: seededRandom(), log: quietLog };
  const view = createClusterView(ports);
  await view.synced;
  const controller = startJobController(ports, view);
  await eventually("both pods are made", () => api.made.length === 2);

  const before = api.statuses.length;
  const release = api.hold();
  api.tell(api.made[0]);
  await eventually("a turn that knows of one pod writes the status", () => api.statuses.length > before);
  expect(api.statuses.at(-1)?.active).toBe(1);
  api.tell(api.made[1]);
  await eventually("the other pod is seen", () => view.pods.byIndex("owner", "job").length === 2);
  release();
  await eventually("a turn that knows of both pods writes the status", () => api.statuses.at(-1)?.active === 2);

  expect(api.made).toHaveLength(2);
  await controller.stop();
  await view.stop();
});
