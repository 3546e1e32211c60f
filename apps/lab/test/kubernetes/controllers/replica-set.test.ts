import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deletionOrder } from "../../../src/kubernetes/controllers/replica-set/deletion-order.ts";
import { reconcileReplicaSet } from "../../../src/kubernetes/controllers/replica-set/reconcile.ts";
import { NOW, aPod, aReplicaSet, ago } from "../objects.ts";

const owner = aReplicaSet(3);
const names = (pods: readonly { readonly metadata: { readonly name: string } }[]): readonly string[] =>
  pods.map((pod) => pod.metadata.name);

describe("reconcileReplicaSet", () => {
  test.each([
    ["nothing there", [], 3, []],
    ["one short", [aPod("a", { owner }), aPod("b", { owner })], 1, []],
    ["as many as asked for", [aPod("a", { owner }), aPod("b", { owner }), aPod("c", { owner })], 0, []],
    ["ending and finished pods do not count", [aPod("a", { owner, isEnding: true }), aPod("b", { owner, phase: "Failed" })], 3, []],
    [
      "one too many: the one that is not ready goes",
      [aPod("a", { owner, readyFor: 9 }), aPod("b", { owner }), aPod("c", { owner, readyFor: 9 }), aPod("d", { owner, readyFor: 9 })],
      0,
      ["b"],
    ],
  ] as const)("%s", (_, pods, create, gone) => {
    const plan = reconcileReplicaSet({ replicaSet: owner, pods, now: NOW });
    expect({ create: plan.create, gone: names(plan.delete) }).toEqual({ create, gone });
  });

  test("takes on matching pods without an owner before it makes new ones, and lets go of relabelled ones", () => {
    const pods = [aPod("stray"), aPod("other", { labels: { app: "db" } }), aPod("taken-out", { owner, labels: { app: "debug" } })];
    const plan = reconcileReplicaSet({ replicaSet: owner, pods, now: NOW });
    expect(names(plan.adopt)).toEqual(["stray"]);
    expect(names(plan.release)).toEqual(["taken-out"]);
    expect(plan.create).toBe(2);
  });

  test("makes and ends nothing while it is being deleted", () => {
    const replicaSet = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: ago(1) } };
    const plan = reconcileReplicaSet({ replicaSet, pods: [aPod("stray")], now: NOW });
    expect(plan).toMatchObject({ create: 0, delete: [], adopt: [], release: [] });
  });

  test("a ready pod is available after minReadySeconds; until then the plan says when to look again", () => {
    const replicaSet = aReplicaSet(2, { minReadySeconds: 10 });
    const pods = [aPod("a", { owner: replicaSet, readyFor: 4 }), aPod("b", { owner: replicaSet, readyFor: 30 })];
    const plan = reconcileReplicaSet({ replicaSet, pods, now: NOW });
    expect(plan.status).toEqual({ replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 1, observedGeneration: 3 });
    expect(plan.afterMs).toBe(6_000);
  });

  test("always reaches the wanted count when every action is carried out", () => {
    const pod = fc.record({
      readyFor: fc.option(fc.nat(50), { nil: undefined }),
      phase: fc.constantFrom("Running", "Pending", "Failed"),
      isEnding: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.nat(20), fc.array(pod, { maxLength: 25 }), (replicas, looks) => {
        const replicaSet = aReplicaSet(replicas);
        const pods = looks.map(({ readyFor, ...look }, i) =>
          aPod(`p${i}`, { ...look, owner: replicaSet, ...(readyFor === undefined ? {} : { readyFor }) }),
        );
        const plan = reconcileReplicaSet({ replicaSet, pods, now: NOW });
        expect(plan.status.replicas + plan.create - plan.delete.length).toBe(replicas);
        expect(plan.create === 0 || plan.delete.length === 0).toBe(true);
      }),
    );
  });
});

test("pods are given up in this order", () => {
  const inOrder = [
    aPod("unassigned", { phase: "Pending" }),
    aPod("pending", { phase: "Pending", node: "n1" }),
    aPod("not-ready", { node: "n1" }),
    aPod("cheap", { node: "n2", readyFor: 50, annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } }),
    aPod("on-the-fuller-node", { node: "n1", readyFor: 90 }),
    aPod("ready-for-less-long", { node: "n2", readyFor: 10 }),
    aPod("restarted", { node: "n2", readyFor: 50, restarts: 4 }),
    aPod("younger", { node: "n2", readyFor: 50, age: 60 }),
    aPod("oldest", { node: "n2", readyFor: 50, age: 90 }),
  ];
  // n1 is fuller.
  const filler = ["f1", "f2", "f3", "f4", "f5"].map((name) => aPod(name, { node: "n1", readyFor: 99 }));
  const ordered = names(deletionOrder([...inOrder, ...filler].reverse())).filter((name) => !name.startsWith("f"));
  expect(ordered).toEqual(names(inOrder));
});
