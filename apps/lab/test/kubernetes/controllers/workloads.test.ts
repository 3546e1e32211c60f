import { RESOURCES } from "@slash28/kube";
import type { Kube } from "@slash28/ports";
import { eventually } from "@slash28/testkit";
import { afterEach, expect, test } from "vitest";
import type { DaemonSet, Deployment, Pod, ReplicaSet } from "../../../src/kubernetes/controllers/objects/index.ts";
import { startCluster } from "../cluster.ts";
import type { TestCluster } from "../cluster.ts";

let cluster: TestCluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

async function start(nodes: number, podsPerNode?: number): Promise<Kube> {
  cluster = await startCluster(nodes, podsPerNode);
  return cluster.kube;
}

function deployment(name: string, replicas: number, image = "nginx:1"): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image }] } },
    },
  };
}

const pods = async (kube: Kube, labelSelector: string): Promise<readonly Pod[]> =>
  (await kube.list<Pod>(RESOURCES.pods, { namespace: "default", labelSelector })).items;

async function rolledOut(kube: Kube, name: string, replicas: number): Promise<Deployment> {
  return await eventually(`rollout of ${name}`, async () => {
    const now = await kube.get<Deployment>(RESOURCES.deployments, name, "default");
    const { status } = now ?? {};
    const isDone =
      status?.observedGeneration === now?.metadata.generation &&
      status?.updatedReplicas === replicas &&
      status.replicas === replicas &&
      status.availableReplicas === replicas;
    return isDone ? now : undefined;
  });
}

test("a deployment of 110 replicas gets 110 pods, spread evenly over the nodes", async () => {
  const kube = await start(3);
  await kube.create(RESOURCES.deployments, deployment("web", 110));
  await rolledOut(kube, "web", 110);
  const made = await pods(kube, "app=web");
  expect(made).toHaveLength(110);
  const perNode = [0, 1, 2].map((i) => made.filter((pod) => pod.spec.nodeName === `node-${i}`).length);
  expect(perNode.sort((a, b) => a - b)).toEqual([36, 37, 37]);
});

test("a new template rolls out within its bounds, keeps the old replica set empty, and says that it is done", async () => {
  const kube = await start(3);
  await kube.create(RESOURCES.deployments, deployment("web", 20));
  const before = await rolledOut(kube, "web", 20);
  expect(before.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
  let most = 0;
  let fewestReady = 20;
  const abort = new AbortController();
  const watching = (async () => {
    const { resourceVersion } = await kube.list(RESOURCES.pods);
    for await (const _event of kube.watch(RESOURCES.pods, resourceVersion, { signal: abort.signal })) {
      const all = (await pods(kube, "app=web")).filter((pod) => pod.metadata.deletionTimestamp === undefined);
      most = Math.max(most, all.length);
      fewestReady = Math.min(fewestReady, all.filter((pod) => pod.status?.phase === "Running").length);
    }
  })();
  await kube.patch(RESOURCES.deployments, "web", "default", {
    kind: "strategic",
    body: { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:2" }] } } } },
  });
  const after = await rolledOut(kube, "web", 20);
  abort.abort();
  await watching;
  expect(most).toBeGreaterThan(20);
  expect(most).toBeLessThanOrEqual(25);
  expect(fewestReady).toBeGreaterThanOrEqual(15);
  expect(after.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("2");
  const progressing = after.status?.conditions?.find(({ type }) => type === "Progressing");
  expect(progressing).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
  const sets = (await kube.list<ReplicaSet>(RESOURCES.replicaSets)).items;
  expect(sets.map((set) => set.spec.replicas ?? 0).sort((a, b) => a - b)).toEqual([0, 20]);
  const images = new Set((await pods(kube, "app=web")).map((pod) => pod.spec.containers[0]?.["image"]));
  expect([...images]).toEqual(["nginx:2"]);
});

test("a deployment scales up and down, and deleting it takes everything along", async () => {
  const kube = await start(2);
  await kube.create(RESOURCES.deployments, deployment("web", 5));
  await rolledOut(kube, "web", 5);
  await kube.patch(RESOURCES.deployments, "web", "default", { kind: "merge", body: { spec: { replicas: 12 } } });
  await rolledOut(kube, "web", 12);
  await kube.patch(RESOURCES.deployments, "web", "default", { kind: "merge", body: { spec: { replicas: 3 } } });
  await rolledOut(kube, "web", 3);
  await kube.delete(RESOURCES.deployments, "web", "default", { propagation: "Background" });
  await eventually("no pod is left", async () => (await pods(kube, "app=web")).length === 0);
  expect((await kube.list(RESOURCES.replicaSets)).items).toEqual([]);
});

test("foreground deletion keeps the deployment until its pods are gone", async () => {
  const kube = await start(2);
  await kube.create(RESOURCES.deployments, deployment("web", 5));
  await rolledOut(kube, "web", 5);
  await kube.delete(RESOURCES.deployments, "web", "default", { propagation: "Foreground" });
  await eventually("the deployment is gone", async () => (await kube.get(RESOURCES.deployments, "web", "default")) === undefined);
  expect((await kube.list(RESOURCES.replicaSets)).items).toEqual([]);
  expect(await pods(kube, "app=web")).toEqual([]);
});

test("orphaning deletion leaves the replica set and its pods without an owner", async () => {
  const kube = await start(2);
  await kube.create(RESOURCES.deployments, deployment("web", 4));
  await rolledOut(kube, "web", 4);
  await kube.delete(RESOURCES.deployments, "web", "default", { propagation: "Orphan" });
  await eventually("the deployment is gone", async () => (await kube.get(RESOURCES.deployments, "web", "default")) === undefined);
  const [set] = (await kube.list<ReplicaSet>(RESOURCES.replicaSets)).items;
  expect(set?.metadata.ownerReferences ?? []).toEqual([]);
  expect(await pods(kube, "app=web")).toHaveLength(4);
});

test("more pods than the nodes have places for wait, and say why; they start when a node comes", async () => {
  const kube = await start(1, 3);
  await kube.create(RESOURCES.deployments, deployment("web", 5));
  const waiting = await eventually("two pods wait", async () => {
    const found = (await pods(kube, "app=web")).filter((pod) => pod.status?.conditions?.some(({ reason }) => reason === "Unschedulable"));
    return found.length === 2 ? found : undefined;
  });
  expect(waiting[0]?.status?.conditions).toMatchObject([{ type: "PodScheduled", message: "0/1 nodes are available: 1 Too many pods." }]);
  await kube.create(RESOURCES.nodes, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node-new" },
    status: { allocatable: { pods: "10" }, conditions: [{ type: "Ready", status: "True" }] },
  });
  await rolledOut(kube, "web", 5);
});

test("a daemon set runs on every node, rolls one node at a time, and follows nodes that join", async () => {
  const kube = await start(3);
  const daemon: DaemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "agent", namespace: "default" },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      template: { metadata: { labels: { app: "agent" } }, spec: { hostNetwork: true, containers: [{ name: "agent", image: "agent:1" }] } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
    },
  };
  const settled = (nodes: number) =>
    eventually(`daemon on ${nodes} nodes`, async () => {
      const now = await kube.get<DaemonSet>(RESOURCES.daemonSets, "agent", "default");
      const { status } = now ?? {};
      return (
        status?.observedGeneration === now?.metadata.generation &&
        status?.updatedNumberScheduled === nodes &&
        status.numberAvailable === nodes &&
        status.numberUnavailable === 0
      );
    });
  await kube.create(RESOURCES.daemonSets, daemon);
  await settled(3);
  const first = await pods(kube, "app=agent");
  expect(first.map((pod) => pod.spec.nodeName ?? "").sort((a, b) => (a < b ? -1 : 1))).toEqual(["node-0", "node-1", "node-2"]);
  let fewest = 3;
  const abort = new AbortController();
  const watching = (async () => {
    const { resourceVersion } = await kube.list(RESOURCES.pods);
    for await (const _event of kube.watch(RESOURCES.pods, resourceVersion, { signal: abort.signal })) {
      const ready = (await pods(kube, "app=agent")).filter(
        (pod) => pod.status?.phase === "Running" && pod.metadata.deletionTimestamp === undefined,
      );
      fewest = Math.min(fewest, ready.length);
    }
  })();
  await kube.patch(RESOURCES.daemonSets, "agent", "default", {
    kind: "strategic",
    body: { spec: { template: { spec: { containers: [{ name: "agent", env: [{ name: "ENABLE_PREFIX_DELEGATION", value: "true" }] }] } } } },
  });
  await settled(3);
  abort.abort();
  await watching;
  expect(fewest).toBe(2);
  const second = await pods(kube, "app=agent");
  expect(new Set(second.map((pod) => pod.metadata.labels?.["controller-revision-hash"])).size).toBe(1);
  expect(second.every((pod) => !first.some((old) => old.metadata.uid === pod.metadata.uid))).toBe(true);
  await kube.create(RESOURCES.nodes, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node-late" },
    spec: { taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] },
    status: { allocatable: { pods: "10" }, conditions: [{ type: "Ready", status: "True" }] },
  });
  await settled(4);
  const { items: revisions } = await kube.list(RESOURCES.controllerRevisions);
  expect(revisions).toHaveLength(2);
});

test("pods of a node that is gone are replaced elsewhere", async () => {
  const kube = await start(2);
  await kube.create(RESOURCES.deployments, deployment("web", 6));
  await rolledOut(kube, "web", 6);
  await kube.delete(RESOURCES.nodes, "node-0");
  await eventually("six pods on the other node", async () => {
    const all = await pods(kube, "app=web");
    return all.length === 6 && all.every((pod) => pod.spec.nodeName === "node-1" && pod.status?.phase === "Running");
  });
});

test("a namespace gets an account and the cluster's CA, and gets them again", async () => {
  const kube = await start(1);
  await kube.create(RESOURCES.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  const ca = async () => (await kube.get(RESOURCES.configMaps, "kube-root-ca.crt", "shop"))?.metadata.uid;
  const first = await eventually("its CA", ca);
  await eventually("its account", async () => (await kube.get(RESOURCES.serviceAccounts, "default", "shop")) !== undefined);
  await kube.delete(RESOURCES.configMaps, "kube-root-ca.crt", "shop");
  await eventually("its CA again", async () => ![undefined, first].includes(await ca()));
});

test("a service's endpoints follow its pods", async () => {
  const kube = await start(2);
  await kube.create(RESOURCES.services, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { clusterIP: "10.100.0.7", selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await kube.create(RESOURCES.deployments, deployment("web", 4));
  await rolledOut(kube, "web", 4);
  await eventually("four endpoints", async () => {
    const { items } = await kube.list(RESOURCES.endpointSlices, { namespace: "default", labelSelector: "kubernetes.io/service-name=web" });
    const endpoints = items[0]?.["endpoints"] as readonly unknown[] | undefined;
    return items.length === 1 && endpoints?.length === 4;
  });
  await kube.delete(RESOURCES.services, "web", "default");
  await eventually("no slices", async () => (await kube.list(RESOURCES.endpointSlices)).items.length === 0);
  await eventually("no Endpoints", async () => (await kube.list(RESOURCES.endpoints)).items.length === 0);
});
