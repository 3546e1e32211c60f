import { RESOURCES } from "@slash28/kube";
import { eventually } from "@slash28/testkit";
import { assert, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { reconcileBudget } from "../../../src/kubernetes/controllers/disruption/reconcile.ts";
import type { DisruptionBudget, Pod } from "../../../src/kubernetes/controllers/objects/index.ts";
import { leavesAt, seenTaints } from "../../../src/kubernetes/controllers/taint-eviction/stay.ts";
import { startCluster } from "../cluster.ts";
import { NOW, aDeployment, aPod, aReplicaSet, ago } from "../objects.ts";
import { ownerReferenceTo } from "../../../src/kubernetes/controllers/objects/index.ts";

function aBudget(spec: DisruptionBudget["spec"], status?: Partial<DisruptionBudget["status"]>): DisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "web", namespace: "default", uid: "pdb", generation: 2 },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
    ...(status === undefined
      ? {}
      : { status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...status } }),
  };
}

const deployment = aDeployment(10);
const replicaSet = { ...aReplicaSet(10), metadata: { ...aReplicaSet(10).metadata, ownerReferences: [ownerReferenceTo(deployment)] } };
const pods = (count: number, ready = count): readonly Pod[] =>
  Array.from({ length: count }, (_, i) => aPod(`p${i}`, { owner: replicaSet, ...(i < ready ? { readyFor: 10 } : {}) }));
const find = (kind: string) => ({ ReplicaSet: replicaSet, Deployment: deployment })[kind];
const statusOf = (budget: DisruptionBudget, of: readonly Pod[]) => reconcileBudget({ budget, pods: of, find, now: NOW }).status;

describe("a budget", () => {
  test.each([
    [{ minAvailable: 8 }, 10, 10, { expectedPods: 10, desiredHealthy: 8, disruptionsAllowed: 2 }],
    [{ minAvailable: "75%" }, 10, 9, { expectedPods: 10, desiredHealthy: 8, currentHealthy: 9, disruptionsAllowed: 1 }],
    [{ maxUnavailable: 1 }, 10, 10, { desiredHealthy: 9, disruptionsAllowed: 1 }],
    [{ maxUnavailable: "25%" }, 10, 10, { desiredHealthy: 7, disruptionsAllowed: 3 }],
    [{ maxUnavailable: 1 }, 9, 9, { desiredHealthy: 9, disruptionsAllowed: 0 }],
    [{ minAvailable: 0 }, 0, 0, { expectedPods: 0, disruptionsAllowed: 0 }],
  ])("%j over %i pods of which %i are ready", (spec, count, ready, status) => {
    expect(statusOf(aBudget(spec), pods(count, ready))).toMatchObject({ observedGeneration: 2, ...status });
  });

  test("says in a condition whether a pod may go", () => {
    expect(statusOf(aBudget({ minAvailable: 9 }), pods(10)).conditions).toMatchObject([
      { type: "DisruptionAllowed", status: "True", reason: "SufficientPods" },
    ]);
    expect(statusOf(aBudget({ minAvailable: 10 }), pods(10)).conditions).toMatchObject([{ status: "False", reason: "InsufficientPods" }]);
  });

  test("allows nothing for pods whose owner has no size", () => {
    const job = { ...aReplicaSet(1), kind: "Job" };
    const status = statusOf(aBudget({ maxUnavailable: 1 }), [aPod("p", { owner: job, readyFor: 1 })]);
    expect(status).toMatchObject({ disruptionsAllowed: 0 });
    expect(status.conditions).toMatchObject([{ reason: "SyncFailed", message: "jobs.batch does not implement the scale subresource" }]);
  });

  test("counts a granted eviction until the pod is gone, and not for ever", () => {
    const granted = (secondsAgo: number) => aBudget({ minAvailable: 8 }, { disruptedPods: { p0: ago(secondsAgo), gone: ago(1) } });
    const fresh = reconcileBudget({ budget: granted(30), pods: pods(10), find, now: NOW });
    expect(fresh.status).toMatchObject({ currentHealthy: 9, disruptionsAllowed: 1, disruptedPods: { p0: ago(30) } });
    expect(fresh.status.disruptedPods).not.toHaveProperty("gone");
    expect(fresh.afterMs).toBe(90_000);
    expect(statusOf(granted(121), pods(10))).toMatchObject({ currentHealthy: 10, disruptionsAllowed: 2 });
  });

  test("never allows more than leaves the wanted count healthy", () => {
    assert(
      property(nat(20), nat(20), nat(12), (count, ready, minAvailable) => {
        const status = statusOf(aBudget({ minAvailable }), pods(count, Math.min(ready, count)));
        expect(status.disruptionsAllowed).toBeGreaterThanOrEqual(0);
        if (status.disruptionsAllowed > 0) expect(status.currentHealthy - status.disruptionsAllowed).toBeGreaterThanOrEqual(minAvailable);
      }),
    );
  });
});

describe("a NoExecute taint", () => {
  const taint = (key: string) => ({ key, effect: "NoExecute" });
  const seen = [{ taint: taint("a"), since: NOW }];
  const tolerant = (...tolerations: readonly object[]): Pod => aPod("p", { spec: { tolerations } });
  test.each([
    ["no toleration", tolerant(), NOW],
    ["a toleration without end", tolerant({ key: "a", operator: "Exists" }), undefined],
    ["a toleration for a time", tolerant({ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 }), NOW + 30_000],
    [
      "two, the shorter counts",
      tolerant({ operator: "Exists", tolerationSeconds: 9 }, { operator: "Exists", tolerationSeconds: 5 }),
      NOW + 5_000,
    ],
    ["a toleration of another effect", tolerant({ key: "a", operator: "Exists", effect: "NoSchedule" }), NOW],
  ])("with %s", (_, pod, time) => expect(leavesAt(pod, seen)).toBe(time));

  test("keeps the time it was first seen", () => {
    const later = seenTaints([taint("a"), taint("b"), { key: "c", effect: "NoSchedule" }], seen, NOW + 7);
    expect(later.map(({ taint: { key }, since }) => [key, since])).toEqual([
      ["a", NOW],
      ["b", NOW + 7],
    ]);
  });
});

test("pods leave a node that is tainted against them and start on another", async () => {
  const cluster = await startCluster(2);
  const { kube } = cluster;
  try {
    await kube.create(RESOURCES.deployments, { ...aDeployment(4), metadata: { name: "web", namespace: "default" } });
    const nodesOfPods = async () => (await kube.list<Pod>(RESOURCES.pods)).items.map((pod) => pod.spec.nodeName ?? "").sort();
    await eventually("both nodes are used", async () => new Set(await nodesOfPods()).size === 2);
    await kube.patch(RESOURCES.nodes, "node-0", undefined, {
      kind: "merge",
      body: { spec: { taints: [{ key: "x", effect: "NoExecute" }] } },
    });
    await eventually("all pods on the other", async () => (await nodesOfPods()).join() === "node-1,node-1,node-1,node-1");
  } finally {
    await cluster.stop();
  }
});
