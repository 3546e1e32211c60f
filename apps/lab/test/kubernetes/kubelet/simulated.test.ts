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
