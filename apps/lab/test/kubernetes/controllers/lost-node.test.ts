import { RESOURCES } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import { eventually } from "@slash28/testkit";
import { afterEach, expect, test } from "vitest";
import type { EndpointSlice, Node, Pod } from "../../../src/kubernetes/controllers/objects/index.ts";
import { startCluster } from "../cluster.ts";
import type { TestCluster } from "../cluster.ts";

let cluster: TestCluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

test("pods of a node that went silent are not ready, and Services send nothing to them", async () => {
  cluster = await startCluster(2);
  const { kube } = cluster;
  await kube.create(RESOURCES.leases, {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "node-0", namespace: "kube-node-lease" },
    spec: { renewTime: new Date(Date.now() - 60_000).toISOString() },
  });
  // Else the pods would leave such a node at once.
  const tolerations = [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }];
  const template = { metadata: { labels: { app: "web" } }, spec: { tolerations, containers: [{ name: "web", image: "nginx" }] } };
  const selector = { matchLabels: { app: "web" } };
  const metadata = { name: "web", namespace: "default" };
  await kube.create(RESOURCES.deployments, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { replicas: 4, selector, template },
  });
  await kube.create(RESOURCES.services, {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { clusterIP: "10.100.0.9", selector: selector.matchLabels, ports: [{ port: 80 }] },
  });
  const endpoints = async (isReady: boolean): Promise<readonly (string | undefined)[]> =>
    (await kube.list<EndpointSlice>(RESOURCES.endpointSlices, { namespace: "default" })).items
      .flatMap((slice) => slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === isReady)
      .map(({ nodeName }) => nodeName)
      .toSorted((a, b) => (a ?? "").localeCompare(b ?? ""));
  await eventually("all four are endpoints", async () => (await endpoints(true)).length === 4);
  // Any report of a node has it looked at.
  await kube.patch<Node>(RESOURCES.nodes, "node-0", undefined, { kind: "merge", body: { metadata: { labels: { seen: "yes" } } } });
  await eventually("two are left", async () => (await endpoints(false)).length === 2);
  expect(await endpoints(true)).toEqual(["node-1", "node-1"]);
  expect(await endpoints(false)).toEqual(["node-0", "node-0"]);
  const pods = (await kube.list<Pod>(RESOURCES.pods, { namespace: "default" })).items;
  expect(pods.filter(({ status }) => status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "False"))).toHaveLength(
    2,
  );
  await eventually("it is told of each", async () => {
    const events = (await kube.list<KubeObject & { reason?: string }>(RESOURCES.events, { namespace: "default" })).items;
    return events.filter(({ reason }) => reason === "NodeNotReady").length === 2;
  });
});
