import { Fault, type KubeObject } from "@slash28/ports";
import { describe, expect, test } from "vitest";

import { RESOURCE, startInProcess } from "./in-process.ts";

function aPod(name: string, more: object = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "nginx" }], ...more },
  };
}

function bindingOf(name: string, node: string): KubeObject {
  return { apiVersion: "v1", kind: "Binding", metadata: { name, namespace: "default" }, target: { kind: "Node", name: node } };
}

async function refusalOf(
  promise: Promise<unknown>,
): Promise<{ readonly status: unknown; readonly reason: unknown; readonly detail: unknown }> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Fault) || error.code !== "KUBE_REFUSED") throw new Error("was not refused", { cause: error });
  return { status: error.fields["status"], reason: error.fields["reason"], detail: error.fields["detail"] };
}

describe("writes", () => {
  test("a new pod gets its defaults, its account and its status", async () => {
    const { api } = await startInProcess();
    const pod = await api.kube.create(RESOURCE.pods, aPod("p"));
    expect(pod).toMatchObject({
      metadata: { uid: expect.any(String), creationTimestamp: expect.any(String), generation: 1 },
      spec: {
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        dnsPolicy: "ClusterFirst",
        serviceAccountName: "default",
        schedulerName: "default-scheduler",
        containers: [{ imagePullPolicy: "Always" }],
        tolerations: [{ key: "node.kubernetes.io/not-ready" }, { key: "node.kubernetes.io/unreachable" }],
      },
      status: { phase: "Pending", qosClass: "BestEffort" },
    });
  });

  test("a pod is bound once", async () => {
    const { api } = await startInProcess();
    await api.kube.create(RESOURCE.pods, aPod("p"));
    await api.kube.create(RESOURCE.bindings, bindingOf("p", "n1"));
    const pod = await api.kube.get(RESOURCE.pods, "p", "default");
    expect(pod).toMatchObject({ spec: { nodeName: "n1" }, status: { conditions: [{ type: "PodScheduled", status: "True" }] } });
    expect(await refusalOf(api.kube.create(RESOURCE.bindings, bindingOf("p", "n2")))).toMatchObject({ status: 409, reason: "Conflict" });
    expect(await refusalOf(api.kube.create(RESOURCE.bindings, bindingOf("gone", "n2")))).toMatchObject({ status: 404 });
  });

  test("a status write leaves the spec, a spec write the status", async () => {
    const { api } = await startInProcess();
    const created = await api.kube.create(RESOURCE.pods, aPod("p"));
    const withStatus = await api.kube.update(RESOURCE.pods, { ...created, spec: {}, status: { phase: "Running" } }, "status");
    expect(withStatus["spec"]).toEqual(created["spec"]);
    const labelled = await api.kube.patch(RESOURCE.pods, "p", "default", {
      kind: "merge",
      body: { metadata: { labels: { x: "y" } }, status: { phase: "Failed" } },
    });
    expect(labelled).toMatchObject({ metadata: { labels: { x: "y" }, generation: 1 }, status: { phase: "Running" } });
  });

  test("a running pod's spec is fixed", async () => {
    const { api } = await startInProcess();
    await api.kube.create(RESOURCE.pods, aPod("p"));
    const change = api.kube.patch(RESOURCE.pods, "p", "default", { kind: "merge", body: { spec: { hostNetwork: true } } });
    expect(await refusalOf(change)).toMatchObject({ status: 422, reason: "Invalid" });
    const image = { spec: { containers: [{ name: "c", image: "nginx:2" }] } };
    expect(await api.kube.patch(RESOURCE.pods, "p", "default", { kind: "strategic", body: image })).toMatchObject({
      metadata: { generation: 2 },
    });
  });

  test("an update from an old read is refused", async () => {
    const { api } = await startInProcess();
    const read = await api.kube.create(RESOURCE.pods, aPod("p"));
    await api.kube.patch(RESOURCE.pods, "p", "default", { kind: "merge", body: { metadata: { labels: { by: "them" } } } });
    expect(await refusalOf(api.kube.update(RESOURCE.pods, read))).toMatchObject({ status: 409, reason: "Conflict" });
  });

  test("a selector must choose its own pods and never changes", async () => {
    const { api } = await startInProcess();
    const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx" }] } };
    const deployment = (app: string): KubeObject => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { matchLabels: { app } }, template },
    });
    expect((await refusalOf(api.kube.create(RESOURCE.deployments, deployment("other")))).detail).toContain(
      "`selector` does not match template `labels`",
    );
    await api.kube.create(RESOURCE.deployments, deployment("web"));
    const body = { spec: { selector: { matchLabels: { app: "web", more: "x" } }, template: { metadata: { labels: { more: "x" } } } } };
    expect((await refusalOf(api.kube.patch(RESOURCE.deployments, "web", "default", { kind: "merge", body }))).detail).toContain(
      "field is immutable",
    );
  });

  test("a service gets an address of the range, keeps it, and gives it back", async () => {
    const { api } = await startInProcess();
    const service = (name: string, clusterIP?: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: { ports: [{ port: 80 }], ...(clusterIP === undefined ? {} : { clusterIP }) },
    });
    const dns = await api.kube.create(RESOURCE.services, service("dns", "10.100.0.10"));
    expect(dns).toMatchObject({ spec: { clusterIP: "10.100.0.10", ports: [{ protocol: "TCP", targetPort: 80 }] } });
    expect((await refusalOf(api.kube.create(RESOURCE.services, service("other", "10.100.0.10")))).detail).toContain("already allocated");
    expect((await refusalOf(api.kube.create(RESOURCE.services, service("other", "10.200.0.10")))).detail).toContain(
      "failed to allocate IP 10.200.0.10: the provided network does not match the current range",
    );
    expect(
      (
        await refusalOf(
          api.kube.update(RESOURCE.services, {
            ...dns,
            spec: { ...(dns["spec"] as object), clusterIP: "10.100.0.11", clusterIPs: ["10.100.0.11"] },
          }),
        )
      ).detail,
    ).toContain("may not change once set");
    await api.kube.delete(RESOURCE.services, "dns", "default");
    expect(await api.kube.create(RESOURCE.services, service("again", "10.100.0.10"))).toMatchObject({ spec: { clusterIP: "10.100.0.10" } });
    expect(await api.kube.create(RESOURCE.services, service("headless", "None"))).toMatchObject({ spec: { clusterIP: "None" } });
  });

  test("nothing new comes into a namespace on its way out, and it goes with its last pod", async () => {
    const { api } = await startInProcess();
    await api.kube.create(RESOURCE.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "demo" } });
    const inDemo = (name: string): KubeObject => ({ ...aPod(name), metadata: { name, namespace: "demo" } });
    await api.kube.create(RESOURCE.pods, inDemo("p"));
    await api.kube.create(RESOURCE.bindings, { ...bindingOf("p", "n1"), metadata: { name: "p", namespace: "demo" } });
    await api.kube.delete(RESOURCE.namespaces, "demo");
    expect(await api.kube.get(RESOURCE.namespaces, "demo")).toMatchObject({ status: { phase: "Terminating" } });
    expect(await refusalOf(api.kube.create(RESOURCE.pods, inDemo("late")))).toMatchObject({ status: 403, reason: "Forbidden" });
    await api.kube.delete(RESOURCE.pods, "p", "demo", { gracePeriodSeconds: 0 });
    expect(await api.kube.get(RESOURCE.namespaces, "demo")).toBeUndefined();
    expect(await refusalOf(api.kube.create(RESOURCE.pods, inDemo("later")))).toMatchObject({
      status: 404,
      detail: 'namespaces "demo" not found',
    });
    expect(await refusalOf(api.kube.delete(RESOURCE.namespaces, "kube-system"))).toMatchObject({ status: 403 });
  });

  test("a disruption budget holds evictions back", async () => {
    const { api } = await startInProcess();
    await api.kube.create(RESOURCE.pods, aPod("p"));
    const running = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await api.kube.patch(RESOURCE.pods, "p", "default", { kind: "merge", body: { status: running }, subresource: "status" });
    await api.kube.create(RESOURCE.budgets, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "b", namespace: "default" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
    });
    const eviction: KubeObject = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p", namespace: "default" } };
    expect(await refusalOf(api.kube.create(RESOURCE.evictions, eviction))).toMatchObject({ status: 429 });
    await api.kube.patch(RESOURCE.budgets, "b", "default", {
      kind: "merge",
      body: { status: { disruptionsAllowed: 1, observedGeneration: 1 } },
      subresource: "status",
    });
    await api.kube.create(RESOURCE.evictions, eviction);
    expect(await api.kube.get(RESOURCE.pods, "p", "default")).toBeUndefined();
  });

  test("finalizers hold an object until the last is taken off", async () => {
    const { api } = await startInProcess();
    await api.kube.create(RESOURCE.configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "m", namespace: "default", finalizers: ["x/y"] },
    });
    await api.kube.delete(RESOURCE.configMaps, "m", "default", { propagation: "Foreground" });
    const held = await api.kube.get(RESOURCE.configMaps, "m", "default");
    expect(held?.metadata).toMatchObject({ finalizers: ["x/y", "foregroundDeletion"], deletionTimestamp: expect.any(String) });
    await api.kube.patch(RESOURCE.configMaps, "m", "default", { kind: "merge", body: { metadata: { finalizers: [] } } });
    expect(await api.kube.get(RESOURCE.configMaps, "m", "default")).toBeUndefined();
  });

  test("names are made from generateName", async () => {
    const { api } = await startInProcess();
    const made = await Promise.all(
      Array.from({ length: 50 }, () =>
        api.kube.create(RESOURCE.pods, { ...aPod(""), metadata: { name: "", generateName: "web-", namespace: "default" } }),
      ),
    );
    const names = made.map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(50);
    for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });
});

describe("watches", () => {
  test("tell of every change from a list on, until they are stopped", async () => {
    const { api } = await startInProcess();
    const { resourceVersion } = await api.kube.list(RESOURCE.pods, { namespace: "default" });
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const event of api.kube.watch(RESOURCE.pods, resourceVersion, {
        fieldSelector: "spec.nodeName=n1",
        signal: stop.signal,
      })) {
        if (event.type === "BOOKMARK") continue;
        seen.push(`${event.type} ${event.object.metadata.name}`);
        if (event.type === "DELETED") stop.abort();
      }
    })();
    await api.kube.create(RESOURCE.pods, aPod("a"));
    await api.kube.create(RESOURCE.pods, aPod("b"));
    await api.kube.create(RESOURCE.bindings, bindingOf("b", "n1"));
    await api.kube.delete(RESOURCE.pods, "b", "default", { gracePeriodSeconds: 0 });
    await following;
    expect(seen).toEqual(["ADDED b", "DELETED b"]);
  });

  test("from thrown away history are refused with 410", async () => {
    const { api } = await startInProcess({ historyMax: 2 });
    const { resourceVersion } = await api.kube.list(RESOURCE.configMaps);
    for (let i = 0; i < 9; i++)
      await api.kube.create(RESOURCE.configMaps, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `m${i}`, namespace: "default" },
      });
    const first = api.kube.watch(RESOURCE.configMaps, resourceVersion)[Symbol.asyncIterator]().next();
    expect(await refusalOf(first)).toMatchObject({ status: 410, reason: "Expired" });
  });
});
