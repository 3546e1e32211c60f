import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deployment, ReplicaSet } from "../../../src/kubernetes/controllers/objects/index.ts";
import { reconcileDeployment } from "../../../src/kubernetes/controllers/deployment/reconcile.ts";
import type { DeploymentAction } from "../../../src/kubernetes/controllers/deployment/reconcile.ts";
import { replicaSetFor } from "../../../src/kubernetes/controllers/deployment/revisions.ts";
import { maxReplicasOf, rollingBounds } from "../../../src/kubernetes/controllers/deployment/scale.ts";
import { NOW, aDeployment, aPod, ago } from "../objects.ts";

/** A replica set of the deployment as it would be with this image, all pods available unless told. */
function aSet(
  deployment: Deployment,
  image: string,
  size: number,
  look: { available?: number; revision?: number; age?: number; desired?: number } = {},
): ReplicaSet {
  const replicas = look.desired ?? deployment.spec.replicas ?? 1;
  const { template } = aDeployment(1, image).spec;
  const like = { ...deployment, spec: { ...deployment.spec, replicas, template } };
  const set = replicaSetFor(like, size, look.revision ?? 1, maxReplicasOf(like));
  return {
    ...set,
    metadata: { ...set.metadata, uid: set.metadata.name, creationTimestamp: ago(look.age ?? 100) },
    status: { replicas: size, availableReplicas: look.available ?? size, readyReplicas: look.available ?? size },
  };
}

const steps = (actions: readonly DeploymentAction[]): readonly string[] =>
  actions.flatMap((action) => {
    if (action.kind === "create-replica-set") return [`create ${action.replicaSet.spec.replicas}`];
    if (action.kind === "update-replica-set") return [`${imageOf(action.replicaSet)} ${action.from}→${action.to}`];
    if (action.kind === "delete-replica-set") return [`delete ${imageOf(action.replicaSet)}`];
    if (action.kind === "annotate") return [`revision ${Object.values(action.annotations).join()}`];
    return [];
  });

const imageOf = (set: ReplicaSet): string => String(set.spec.template.spec.containers[0]?.["image"]);

const plan = (deployment: Deployment, replicaSets: readonly ReplicaSet[], pods = [] as ReturnType<typeof aPod>[]) =>
  reconcileDeployment({ deployment, replicaSets, pods, now: NOW });

describe("a rolling update (25 % each way)", () => {
  test("begins with a replica set of full size", () => {
    expect(steps(plan(aDeployment(4), []).actions)).toEqual(["create 4", "revision 1"]);
  });

  test("starts the new one as large as the surge allows", () => {
    const deployment = aDeployment(8);
    expect(steps(plan(deployment, [aSet(deployment, "nginx:1", 8)]).actions)).toEqual(["create 2", "revision 2"]);
  });

  test("gives up as many old pods as may be missing", () => {
    const deployment = aDeployment(8);
    const sets = [aSet(deployment, "nginx:1", 8), aSet(deployment, "nginx:2", 2, { available: 0, revision: 2, age: 5 })];
    expect(steps(plan(deployment, sets).actions)).toContain("nginx:1 8→6");
  });

  test("grows the new one into the room that old pods left", () => {
    const deployment = aDeployment(8);
    const sets = [aSet(deployment, "nginx:1", 6), aSet(deployment, "nginx:2", 2, { available: 2, revision: 2, age: 5 })];
    expect(steps(plan(deployment, sets).actions)).toEqual(["nginx:2 2→4", "nginx:1 6→4", "revision 2"]);
  });

  test("old pods that do not serve go first", () => {
    const deployment = aDeployment(4, "nginx:3", { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    const sets = [
      aSet(deployment, "nginx:1", 2, { age: 100 }),
      aSet(deployment, "nginx:2", 2, { available: 0, age: 50, revision: 2 }),
      aSet(deployment, "nginx:3", 1, { age: 5, revision: 3 }),
    ];
    expect(steps(plan(deployment, sets).actions)).toEqual(["nginx:2 2→0", "revision 3"]);
  });

  test("going back to an old template uses its replica set again and gives it a new revision", () => {
    const deployment = aDeployment(4, "nginx:1");
    const sets = [aSet(deployment, "nginx:1", 0, { revision: 1 }), aSet(deployment, "nginx:2", 4, { revision: 2, age: 5 })];
    const [first] = plan(deployment, sets).actions;
    expect(first).toMatchObject({ kind: "update-replica-set", from: 0, to: 1 });
    const annotations = first?.kind === "update-replica-set" ? first.replicaSet.metadata.annotations : {};
    expect(annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
  });

  test("ends at the new template, never above or below its bounds, whatever fails on the way", () => {
    const count = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(count, fc.nat(4), fc.nat(4), fc.infiniteStream(fc.nat(3)), (replicas, maxSurge, maxUnavailable, luck) => {
        const deployment = aDeployment(replicas, "nginx:2", { strategy: { rollingUpdate: { maxSurge, maxUnavailable } } });
        const bounds = rollingBounds(deployment);
        let sets: ReplicaSet[] = [aSet(deployment, "nginx:1", replicas)];
        for (let turn = 0; turn < 200; turn++) {
          for (const action of plan(deployment, sets).actions) sets = carryOut(sets, action);
          const total = sets.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0);
          const available = sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
          expect(total).toBeLessThanOrEqual(replicas + bounds.maxSurge);
          expect(available).toBeGreaterThanOrEqual(replicas - bounds.maxUnavailable);
          // A few pods become ready each turn.
          sets = sets.map((set) => grow(set, (luck.next().value as number) + (turn > 100 ? 1 : 0)));
        }
        const sizes = Object.fromEntries(sets.map((set) => [imageOf(set), set.spec.replicas]));
        expect(sizes).toEqual({ "nginx:1": 0, "nginx:2": replicas });
      }),
      { numRuns: 60 },
    );
  });
});

function carryOut(sets: readonly ReplicaSet[], action: DeploymentAction): ReplicaSet[] {
  if (action.kind === "create-replica-set") {
    const { replicaSet } = action;
    const metadata = { ...replicaSet.metadata, uid: replicaSet.metadata.name, creationTimestamp: ago(1) };
    return [...sets, { ...replicaSet, metadata, status: { replicas: replicaSet.spec.replicas ?? 0, availableReplicas: 0 } }];
  }
  if (action.kind !== "update-replica-set") return [...sets];
  return sets.map((set) => {
    if (set.metadata.name !== action.replicaSet.metadata.name) return set;
    // Its controller ends pods that are not available first.
    return {
      ...action.replicaSet,
      status: { replicas: action.to, availableReplicas: Math.min(set.status?.availableReplicas ?? 0, action.to) },
    };
  });
}

function grow(set: ReplicaSet, by: number): ReplicaSet {
  const size = set.spec.replicas ?? 0;
  return { ...set, status: { replicas: size, availableReplicas: Math.min(size, (set.status?.availableReplicas ?? 0) + by) } };
}

describe("scaling", () => {
  test("in the middle of a rollout old and new keep their proportion", () => {
    const deployment = aDeployment(20, "nginx:2", { strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } } });
    const sets = [
      aSet(deployment, "nginx:1", 8, { desired: 10 }),
      aSet(deployment, "nginx:2", 4, { desired: 10, available: 1, revision: 2, age: 5 }),
    ];
    expect(steps(plan(deployment, sets).actions)).toEqual(["nginx:1 8→15", "nginx:2 4→7", "revision 2"]);
  });

  test("a paused deployment still scales and rolls nothing", () => {
    const deployment = aDeployment(6, "nginx:2", { paused: true });
    const { actions } = plan(deployment, [aSet(deployment, "nginx:1", 4, { desired: 4 })]);
    expect(steps(actions)).toEqual(["nginx:1 4→6"]);
    const status = actions.find((action) => action.kind === "update-status")?.status;
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Progressing", status: "Unknown", reason: "DeploymentPaused" }),
    );
  });

  test("to nothing", () => {
    const deployment = aDeployment(0);
    expect(steps(plan(deployment, [aSet(deployment, "nginx:2", 4, { desired: 4 })]).actions)).toEqual(["nginx:2 4→0", "revision 1"]);
  });
});

describe("Recreate", () => {
  const deployment = aDeployment(3, "nginx:2", { strategy: { type: "Recreate" } });
  const old = aSet(deployment, "nginx:1", 3);

  test("first empties the old replica set", () => {
    expect(steps(plan(deployment, [old]).actions)).toEqual(["nginx:1 3→0", "revision 2"]);
  });

  test("then waits for its last pod, also one that is ending, and only then starts the new one", () => {
    const empty = aSet(deployment, "nginx:1", 0);
    const pods = [aPod("a", { owner: empty, isEnding: true })];
    expect(steps(plan(deployment, [empty], pods).actions)).toEqual(["revision 2"]);
    expect(steps(plan(deployment, [empty]).actions)).toEqual(["create 3", "revision 2"]);
  });
});

describe("status", () => {
  const done = aDeployment(3);
  const complete = aSet(done, "nginx:2", 3);

  test("says complete once every replica is new and available", () => {
    const status = plan(done, [complete]).actions.find((action) => action.kind === "update-status")?.status;
    expect(status).toMatchObject({
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 0,
    });
    expect(status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      "Available True MinimumReplicasAvailable",
      "Progressing True NewReplicaSetAvailable",
    ]);
  });

  test("is written once: the same state asks for nothing more", () => {
    const status = plan(done, [complete]).actions.find((action) => action.kind === "update-status")?.status ?? {};
    const metadata = { ...done.metadata, annotations: { "deployment.kubernetes.io/revision": "1" } };
    expect(plan({ ...done, metadata, status }, [complete])).toEqual({ actions: [] });
  });

  test("a rollout without progress is stuck after its deadline, and looked at again exactly then", () => {
    const deployment = (seconds: number): Deployment => ({
      ...aDeployment(3, "nginx:2", { progressDeadlineSeconds: 600 }),
      status: {
        replicas: 3,
        conditions: [{ type: "Progressing", status: "True", reason: "NewReplicaSetCreated", lastUpdateTime: ago(seconds) }],
      },
    });
    const stuck = aSet(aDeployment(3), "nginx:2", 3, { available: 0 });
    expect(plan(deployment(590), [{ ...stuck, status: { replicas: 0 } }]).afterMs).toBe(10_000);
    const { actions } = plan(deployment(600), [{ ...stuck, status: { replicas: 0 } }]);
    const conditions = actions.find((action) => action.kind === "update-status")?.status.conditions;
    // No old replica is left of three: that itself is progress, so the deadline starts anew.
    expect(conditions).toContainEqual(expect.objectContaining({ type: "Progressing", reason: "ReplicaSetUpdated" }));
    const still = { ...deployment(600), status: { ...deployment(600).status, replicas: 0 } };
    const after = plan(still, [{ ...stuck, status: { replicas: 0 } }]).actions.find((action) => action.kind === "update-status")?.status
      .conditions;
    expect(after).toContainEqual(expect.objectContaining({ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }));
  });

  test("emptied replica sets beyond the history limit go, the oldest revision first", () => {
    const deployment = aDeployment(1, "nginx:9", { revisionHistoryLimit: 2 });
    const old = [1, 2, 3, 4].map((revision) => aSet(deployment, `nginx:${revision}`, 0, { revision }));
    expect(steps(plan(deployment, [...old, aSet(deployment, "nginx:9", 1, { revision: 5 })]).actions)).toEqual([
      "revision 5",
      "delete nginx:1",
      "delete nginx:2",
    ]);
  });
});
