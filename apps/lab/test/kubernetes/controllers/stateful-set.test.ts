import { assert, array, boolean, constantFrom, integer, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod, StatefulSet } from "../../../src/kubernetes/controllers/objects/index.ts";
import { claimOwners } from "../../../src/kubernetes/controllers/stateful-set/claims.ts";
import { reconcileStatefulSet } from "../../../src/kubernetes/controllers/stateful-set/reconcile.ts";
import type { StatefulSetAction, StatefulSetPlan } from "../../../src/kubernetes/controllers/stateful-set/reconcile.ts";
import { claimsFor, statefulPod } from "../../../src/kubernetes/controllers/stateful-set/replicas.ts";
import type { Version } from "../../../src/kubernetes/controllers/stateful-set/replicas.ts";
import { NOW, ago } from "../objects.ts";

function aSet(spec: Partial<StatefulSet["spec"]> = {}, status?: Partial<StatefulSet["status"]>): StatefulSet {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db", namespace: "default", uid: "sts", generation: 1 },
    spec: {
      replicas: 3,
      serviceName: "db",
      selector: { matchLabels: { app: "db" } },
      template: { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "db", image: "db:1" }] } },
      ...spec,
    },
    ...(status === undefined ? {} : { status: { replicas: 0, availableReplicas: 0, ...status } }),
  };
}

const version = (name: string): Version => ({ name, template: aSet().spec.template });

type Health = "ready" | "starting" | "failed" | "ending";

function aMember(set: StatefulSet, ordinal: number, health: Health = "ready", of = "v1"): Pod {
  const pod = statefulPod(set, ordinal, version(of));
  const conditions = health === "ready" ? [{ type: "Ready", status: "True", lastTransitionTime: ago(5) }] : [];
  return {
    ...pod,
    metadata: { ...pod.metadata, uid: `uid-${ordinal}-${of}`, ...(health === "ending" ? { deletionTimestamp: ago(1) } : {}) },
    status: { phase: health === "failed" ? "Failed" : "Running", conditions },
  };
}

const plan = (set: StatefulSet, pods: readonly Pod[], update = "v1", current = "v1"): StatefulSetPlan =>
  reconcileStatefulSet({ set, pods, current: version(current), update: version(update), now: NOW });

const told = ({ actions }: { readonly actions: readonly StatefulSetAction[] }): readonly string[] =>
  actions.map((action) => `${action.kind} ${action.pod.metadata.name}`);

describe("an ordered set", () => {
  const set = aSet();
  test.each<[string, readonly Pod[], readonly string[]]>([
    ["nothing", [], ["create db-0"]],
    ["a first that starts", [aMember(set, 0, "starting")], []],
    ["a first that is ready", [aMember(set, 0)], ["create db-1"]],
    ["a gap", [aMember(set, 0), aMember(set, 2)], ["create db-1"]],
    ["one that failed", [aMember(set, 0), aMember(set, 1, "failed")], ["delete db-1"]],
    ["one on its way out", [aMember(set, 0), aMember(set, 1, "ending")], []],
    ["all, and one too many", [0, 1, 2, 3, 4].map((i) => aMember(set, i)), ["delete db-4"]],
    ["two too many, the last going", [...[0, 1, 2, 3].map((i) => aMember(set, i)), aMember(set, 4, "ending")], []],
    ["one too many that does not serve", [...[0, 1, 2].map((i) => aMember(set, i)), aMember(set, 3, "starting")], ["delete db-3"]],
  ])("with %s", (_, pods, actions) => expect(told(plan(set, pods))).toEqual(actions));

  test("waits for minReadySeconds, and asks for a turn then", () => {
    const patient = aSet({ minReadySeconds: 20 });
    expect(plan(patient, [aMember(patient, 0)])).toMatchObject({ actions: [], afterMs: 15_000 });
  });
});

test("a parallel set makes and takes away all at once", () => {
  const set = aSet({ podManagementPolicy: "Parallel" });
  expect(told(plan(set, []))).toEqual(["create db-0", "create db-1", "create db-2"]);
  expect(
    told(
      plan(
        set,
        [0, 1, 2, 3, 4].map((i) => aMember(set, i)),
      ),
    ),
  ).toEqual(["delete db-4", "delete db-3"]);
});

describe("a rolling update", () => {
  const set = aSet();
  const old = [0, 1, 2].map((i) => aMember(set, i));
  test.each<[string, StatefulSet, readonly Pod[], readonly string[]]>([
    ["begins with the last", set, old, ["delete db-2"]],
    ["goes on when it serves again", set, [...old.slice(0, 2), aMember(set, 2, "ready", "v2")], ["delete db-1"]],
    ["waits while it does not", set, [...old.slice(0, 2), aMember(set, 2, "starting", "v2")], []],
    [
      "ends above the partition",
      aSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } }),
      [...old.slice(0, 2), aMember(set, 2, "ready", "v2")],
      [],
    ],
    ["leaves all to their operator with OnDelete", aSet({ updateStrategy: { type: "OnDelete" } }), old, []],
    [
      "takes several where that many may be away",
      aSet({
        podManagementPolicy: "Parallel",
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 2 } },
      }),
      old,
      ["delete db-2", "delete db-1"],
    ],
  ])("%s", (_, of, pods, actions) => expect(told(plan(of, pods, "v2"))).toEqual(actions));

  test("makes pods below the partition from the version before", () => {
    const held = aSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } });
    const [action] = plan(held, [], "v2").actions;
    expect(action?.pod.metadata.labels?.["controller-revision-hash"]).toBe("v1");
    const [second] = plan(held, [aMember(held, 0)], "v2").actions;
    expect(second?.pod.metadata.labels?.["controller-revision-hash"]).toBe("v2");
  });

  test("is over when every pod is new and ready", () => {
    const half = plan(set, [...old.slice(0, 2), aMember(set, 2, "ready", "v2")], "v2").status;
    expect(half).toMatchObject({ currentReplicas: 2, updatedReplicas: 1, currentRevision: "v1", updateRevision: "v2" });
    const whole = plan(
      set,
      [0, 1, 2].map((i) => aMember(set, i, "ready", "v2")),
      "v2",
    ).status;
    expect(whole).toMatchObject({ currentReplicas: 3, updatedReplicas: 3, currentRevision: "v2", readyReplicas: 3 });
  });
});

test("a pod has its number, its host name and its claims", () => {
  const set = aSet({
    volumeClaimTemplates: [
      { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } },
    ],
  });
  const pod = statefulPod(set, 7, version("v1"));
  expect(pod.metadata.labels).toMatchObject({ "statefulset.kubernetes.io/pod-name": "db-7", "apps.kubernetes.io/pod-index": "7" });
  expect(pod.spec).toMatchObject({
    hostname: "db-7",
    subdomain: "db",
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-db-7" } }],
  });
  expect(claimsFor(set, 7)).toMatchObject([{ metadata: { name: "data-db-7", labels: { app: "db" } } }]);
});

test.each([
  ["Retain", "Retain", false, undefined],
  ["Delete", "Retain", false, ["StatefulSet"]],
  ["Retain", "Delete", false, undefined],
  ["Retain", "Delete", true, ["Pod"]],
  ["Delete", "Delete", true, ["Pod"]],
  ["Delete", "Retain", true, ["StatefulSet"]],
] as const)("a claim's owners with whenDeleted %s, whenScaled %s, scaled away: %s", (whenDeleted, whenScaled, isGoing, kinds) => {
  const set = aSet({ persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data-db-0" }, spec: {} };
  const owners = claimOwners({ set, claim, goingPod: isGoing ? aMember(set, 0) : undefined });
  expect(owners?.map(({ kind }) => kind)).toEqual(kinds);
});

test("an ordered set makes a pod only when all before it serve, deletes one at a time, and ends at what is wanted", () => {
  const health = constantFrom<Health>("ready", "starting", "failed", "ending");
  const start = record({
    replicas: integer({ min: 0, max: 5 }),
    pods: array(record({ ordinal: nat(7), health, isOld: boolean() }), { maxLength: 8 }),
  });
  assert(
    property(start, ({ replicas, pods }) => {
      const set = aSet({ replicas });
      const cluster = new Map(pods.map(({ ordinal, health, isOld }) => [ordinal, aMember(set, ordinal, health, isOld ? "v1" : "v2")]));
      for (let turn = 0; turn < 60; turn++) {
        const { actions } = plan(set, [...cluster.values()], "v2");
        expect(actions.length).toBeLessThanOrEqual(1);
        for (const action of actions) {
          const before = [...cluster.entries()].filter(([ordinal]) => ordinal < replicas);
          if (action.kind === "create") {
            const serving = before.filter(([ordinal, pod]) => ordinal < action.ordinal && pod.status?.conditions?.length === 1);
            expect(serving).toHaveLength(action.ordinal);
            cluster.set(action.ordinal, aMember(set, action.ordinal, "starting", "v2"));
          } else if (action.kind === "delete") {
            cluster.set(action.ordinal, aMember(set, action.ordinal, "ending", action.pod.metadata.labels?.["controller-revision-hash"]));
          }
        }
        if (actions.length > 0) continue;
        // Time goes by: what ends is gone, what starts is ready.
        for (const [ordinal, pod] of cluster) {
          if (pod.metadata.deletionTimestamp !== undefined) cluster.delete(ordinal);
          else if (pod.status?.phase === "Running") {
            cluster.set(ordinal, aMember(set, ordinal, "ready", pod.metadata.labels?.["controller-revision-hash"]));
          }
        }
      }
      expect([...cluster.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: replicas }, (_, i) => i));
      expect(plan(set, [...cluster.values()], "v2").status).toMatchObject({ readyReplicas: replicas, updatedReplicas: replicas });
    }),
  );
});
