import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, type LabCluster } from "../api-server/lab-cluster.ts";
import { startWorkingCluster } from "../working-cluster.ts";

const kubectl = findKubectl();

const PODS = { group: "", version: "v1", plural: "pods" };

const INDEXED = `
apiVersion: batch/v1
kind: Job
metadata: {name: parts}
spec:
  completionMode: Indexed
  completions: 3
  parallelism: 3
  template:
    metadata: {labels: {app: parts}}
    spec:
      restartPolicy: Never
      containers: [{name: c, image: busybox}]
`;

describe.skipIf(kubectl === undefined)("kubectl and jobs", () => {
  let cluster: LabCluster;
  beforeAll(async () => {
    cluster = await startWorkingCluster(kubectl ?? "", ["node-a"]);
  });
  afterAll(() => cluster.close());

  /** Ends the running pods of a job, as their programs would. */
  async function end(job: string, phase: "Succeeded" | "Failed", count: number): Promise<void> {
    const { kube } = cluster.api;
    const running = await eventually(`${count} pods of ${job}`, async () => {
      const { items } = await kube.list(PODS, { labelSelector: `job-name=${job}` });
      const found = items.filter((pod) => (pod["status"] as { readonly phase?: string }).phase === "Running");
      return found.length === count ? found : undefined;
    });
    const containerStatuses = [
      { name: "c", state: { terminated: { exitCode: phase === "Failed" ? 1 : 0, finishedAt: new Date().toISOString() } } },
    ];
    const body = { status: { phase, containerStatuses, conditions: [{ type: "Ready", status: "False" }] } };
    for (const { metadata } of running) {
      await kube.patch(PODS, metadata.name, metadata.namespace, { kind: "merge", body, subresource: "status" });
    }
  }

  test("create job, wait, see what came of it", async () => {
    await cluster.kubectl("create job once --image=busybox");
    await end("once", "Succeeded", 1);
    await cluster.kubectl("wait --for=condition=complete job/once --timeout=20s");
    expect(await cluster.kubectl("get job once --no-headers")).toMatch(/^once\s+Complete\s+1\/1\s/);
    expect(await cluster.kubectl("get pods -l batch.kubernetes.io/job-name=once -o jsonpath={.items[*].metadata.finalizers}")).toBe("");
    await cluster.kubectl("delete job once");
    await eventually("its pod is gone", async () => (await cluster.kubectl("get pods -l job-name=once -o name")) === "");
  });

  test("an indexed job completes its indexes", async () => {
    await cluster.kubectl("apply -f -", INDEXED);
    await end("parts", "Succeeded", 3);
    await cluster.kubectl("wait --for=condition=complete job/parts --timeout=20s");
    expect(await cluster.kubectl("get job parts -o jsonpath={.status.completedIndexes}")).toBe("0-2");
  });

  test("a job over its limit fails, and wait says so", async () => {
    await cluster.kubectl("create job bad --image=busybox");
    await cluster.kubectl('patch job bad --type=merge -p {"spec":{"backoffLimit":0}}');
    await end("bad", "Failed", 1);
    await cluster.kubectl("wait --for=condition=failed job/bad --timeout=20s");
    expect(await cluster.kubectl("describe job bad")).toContain("BackoffLimitExceeded");
    expect((await cluster.run(["wait", "--for=condition=complete", "job/bad", "--timeout=1s"])).code).toBe(1);
  });

  test("a finished job goes when its time is over", async () => {
    await cluster.kubectl("create job brief --image=busybox");
    await cluster.kubectl('patch job brief --type=merge -p {"spec":{"ttlSecondsAfterFinished":0}}');
    await end("brief", "Succeeded", 1);
    await cluster.kubectl("wait --for=delete job/brief --timeout=20s");
  });

  test("suspended, a job has no pods; resumed, it has", async () => {
    await cluster.kubectl("create job later --image=busybox");
    await eventually("its pod", async () => (await cluster.kubectl("get pods -l job-name=later -o name")) !== "");
    await cluster.kubectl('patch job later --type=merge -p {"spec":{"suspend":true}}');
    await eventually("no pod", async () => (await cluster.kubectl("get pods -l job-name=later -o name")) === "");
    expect(await cluster.kubectl("get job later --no-headers")).toMatch(/^later\s+Suspended\s/);
    await cluster.kubectl('patch job later --type=merge -p {"spec":{"suspend":false}}');
    await end("later", "Succeeded", 1);
    await cluster.kubectl("wait --for=condition=complete job/later --timeout=20s");
    expect(await cluster.kubectl("get job later -o jsonpath={.status.failed}")).toMatch(/^0?$/);
  });

  test("a cron job is made, run by hand, suspended, and deleted with all its jobs", async () => {
    await cluster.run(["create", "cronjob", "tidy", "--image=busybox", "--schedule=0 0 1 1 *"]);
    expect(await cluster.kubectl("get cronjob tidy --no-headers")).toMatch(/^tidy\s+0 0 1 1 \*\s+<none>\s+False\s+0\s+<none>/);
    await cluster.kubectl("create job tidy-now --from=cronjob/tidy");
    await end("tidy-now", "Succeeded", 1);
    await cluster.kubectl("wait --for=condition=complete job/tidy-now --timeout=20s");
    const wrong = await cluster.run(["create", "cronjob", "wrong", "--image=busybox", "--schedule=61 * * * *"]);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("spec.schedule: Invalid value")]);
    await cluster.kubectl("delete cronjob tidy");
    await eventually("its job is gone", async () => !(await cluster.kubectl("get job -o name")).includes("tidy-now"));
  });

  test("a cron job that is due starts a job by itself", async () => {
    const spec = {
      schedule: "@every 1s",
      jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "busybox" }] } } } },
    };
    await cluster.kubectl("apply -f -", JSON.stringify({ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "often" }, spec }));
    const [name] = await eventually("a job of it", async () => {
      const out = await cluster.kubectl("get jobs -o name");
      const found = out.split("\n").filter((line) => line.startsWith("job.batch/often-"));
      return found.length > 0 ? found : undefined;
    });
    await cluster.kubectl('patch cronjob often --type=merge -p {"spec":{"suspend":true}}');
    await end(name?.replace("job.batch/", "") ?? "", "Succeeded", 1);
    await eventually(
      "the success is noted",
      async () => (await cluster.kubectl("get cronjob often -o jsonpath={.status.lastSuccessfulTime}")) !== "",
    );
    await cluster.kubectl("delete cronjob often");
  });
});
