import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import type { Pod } from "../../../src/kubernetes/kubelet/index.ts";
import { simulatedNode, type SimulatedNode } from "./simulated-node.ts";

const PODS = { group: "", version: "v1", plural: "pods" };
let node: SimulatedNode;

afterEach(() => node.stop());

const create = (name: string, spec: object): Promise<unknown> =>
  node.kube.create<Pod>(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { nodeName: "node-a", containers: [{ name: "web", image: "nginx" }], ...spec },
  });
const named = (pods: readonly Pod[], name: string): Pod | undefined => pods.find((pod) => pod.metadata.name === name);

test("without a kernel a pod gets its address from the same plugin, says what it is, and goes", async () => {
  node = await simulatedNode();
  const { kube, kubelet } = node;
  await create("web", {
    initContainers: [{ name: "init", image: "busybox" }],
    containers: [{ name: "web", image: "nginx", readinessProbe: { httpGet: { port: 80 } } }],
  });
  const [pod] = await kube.until<Pod>(
    "pods",
    "the pod is ready",
    (all) => all[0]?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True",
  );
  expect(pod?.status).toMatchObject({ phase: "Running", podIP: "10.0.0.5" });
  const name = { namespace: "default", pod: "web" };
  const { signal } = new AbortController();
  expect(await text(await kubelet.runtime.logs(name, { follow: false, previous: false, timestamps: false }, signal))).toContain(
    "no process runs",
  );
  await expect(kubelet.runtime.exec(name, { command: ["ls"], tty: false, signal })).rejects.toThrow("start the lab as root on Linux");
  await expect(
    kubelet.runtime.logs({ ...name, pod: "other" }, { follow: false, previous: false, timestamps: false }, signal),
  ).rejects.toMatchObject({ code: "KUBE_REFUSED", fields: { status: 404 } });
  kube.markDeleted("web", 30);
  await kube.until("pods", "the pod is gone", (all) => all.length === 0);
  expect(node.calls()).toMatch(/^ADD simulated:([0-9a-f]{64})\nDEL simulated:\1\n$/);
});

test("while the agent is away its own pod starts, however many pods wait for it; then they start too", async () => {
  node = await simulatedNode({ sandboxesAtOnce: 1, sandboxRetryMs: { first: 50, max: 100 } });
  const { kube } = node;
  node.setAway(true);
  await create("first", {});
  await create("second", {});
  await kube.until<Pod>("pods", "both pods wait", () => /ADD.*\n(.*\n)*ADD/.test(node.calls()) && /DEL/.test(node.calls()));
  await create("agent", { hostNetwork: true });
  await kube.until<Pod>("pods", "the agent's pod runs", (all) => named(all, "agent")?.status?.phase === "Running");
  expect(named(kube.all<Pod>("pods"), "first")?.status?.phase).not.toBe("Running");
  node.setAway(false);
  await kube.until<Pod>("pods", "all pods run", (all) => all.length === 3 && all.every((pod) => pod.status?.phase === "Running"));
});

test("a pod that is active for longer than its deadline is ended and has failed; one that was done before is left alone", async () => {
  node = await simulatedNode();
  const { kube } = node;
  // A pod's start is told in whole seconds: of two, one at least is left to run in.
  await create("task", { activeDeadlineSeconds: 2, restartPolicy: "Never" });
  await kube.until<Pod>("pods", "the task is done", (all) => named(all, "task")?.status?.phase === "Succeeded");
  await create("slow", { activeDeadlineSeconds: 2 });
  const pods = await kube.until<Pod>("pods", "the slow one has failed", (all) => named(all, "slow")?.status?.phase === "Failed");
  expect(named(pods, "slow")?.status).toMatchObject({
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
    containerStatuses: [{ ready: false, state: { terminated: { exitCode: 143 } } }],
  });
  expect(named(pods, "task")?.status?.phase).toBe("Succeeded");
  await kube.until<{ readonly reason?: string } & Pod>("events", "it is told", (all) =>
    all.some(({ reason }) => reason === "DeadlineExceeded"),
  );
  expect(node.calls().match(/^DEL/gm)).toHaveLength(2);
  kube.markDeleted("slow", 30);
  await kube.until<Pod>("pods", "it goes when it is deleted", (all) => named(all, "slow") === undefined);
});

test("a deadline that comes later counts from the pod's start", async () => {
  node = await simulatedNode();
  const { kube } = node;
  await create("web", {});
  await kube.until<Pod>("pods", "the pod runs", ([pod]) => pod?.status?.phase === "Running");
  await kube.patch(PODS, "web", "default", { kind: "merge", body: { spec: { activeDeadlineSeconds: 1 } } });
  await kube.until<Pod>("pods", "the pod has failed", ([pod]) => pod?.status?.reason === "DeadlineExceeded");
});

test("a kubelet that is back says again that its pods are ready", async () => {
  node = await simulatedNode();
  const { kube } = node;
  const readiness = (pod: Pod | undefined): string | undefined => pod?.status?.conditions?.find(({ type }) => type === "Ready")?.status;
  await create("web", {});
  await kube.until<Pod>("pods", "the pod is ready", ([pod]) => readiness(pod) === "True");
  const lost = { status: { conditions: [{ type: "Ready", status: "False" }] } };
  const { metadata } = await kube.patch<Pod>(PODS, "web", "default", { kind: "strategic", body: lost, subresource: "status" });
  await kube.until<Pod>(
    "pods",
    "it is ready again",
    ([pod]) => Number(pod?.metadata.resourceVersion) > Number(metadata.resourceVersion) && readiness(pod) === "True",
  );
});
