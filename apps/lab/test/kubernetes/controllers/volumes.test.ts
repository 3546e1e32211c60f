import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Claim, PersistentVolume, StorageClass } from "../../../src/kubernetes/controllers/objects/index.ts";
import {
  DISK_DRIVER,
  IN_USE_FINALIZER,
  SELECTED_NODE,
  diskHandle,
  planClaim,
  planVolume,
} from "../../../src/kubernetes/controllers/volumes/claim-plan.ts";
import { storageClasses } from "../../../src/supervisor/storage-classes.ts";
import { findKubectl, type LabCluster } from "../api-server/lab-cluster.ts";
import { aNode, aPod, ago } from "../objects.ts";
import { startWorkingCluster } from "../working-cluster.ts";

const classes = storageClasses().map(({ object }) => object as unknown as StorageClass);
const nodes = [aNode("n1", { labels: { "topology.kubernetes.io/zone": "a" } })];

function aClaim(spec: Partial<Claim["spec"]> = {}, metadata: Partial<Claim["metadata"]> = {}, phase?: string): Claim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "default", uid: "c1", finalizers: [IN_USE_FINALIZER], ...metadata },
    spec: { storageClassName: "gp2", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
    ...(phase === undefined ? {} : { status: { phase } }),
  };
}

function aVolume(name: string, storage: string, spec: Partial<PersistentVolume["spec"]> = {}): PersistentVolume {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ["ReadWriteOnce"], storageClassName: "gp2", ...spec },
  };
}

const plan = (claim: Claim, volumes: readonly PersistentVolume[] = [], pods = [aPod("other")]) =>
  planClaim({ claim, volumes, classes, nodes, pods });

describe("a claim", () => {
  test.each([
    ["new, is held first", aClaim({}, { finalizers: [] }), { kind: "protect" }],
    ["without a class, gets the default", aClaim({ storageClassName: undefined } as object), { kind: "classify", storageClassName: "gp2" }],
    ["waits for its pod", aClaim(), { kind: "wait", reason: "WaitForFirstConsumer" }],
    ["of a class that is not there", aClaim({ storageClassName: "fast" }), { kind: "wait", reason: "ProvisioningFailed" }],
    ["of no class", aClaim({ storageClassName: "" }), { kind: "wait", reason: "FailedBinding" }],
    ["with a volume that is gone", aClaim({ volumeName: "v" }, {}, "Bound"), { kind: "lost" }],
    ["that is deleted and unused, is let go", aClaim({}, { deletionTimestamp: ago(1) }), { kind: "release" }],
  ])("%s", (_, claim, expected) => expect(plan(claim)).toMatchObject(expected));

  test("gets a volume in the zone of the node that was chosen", () => {
    const made = plan(aClaim({}, { annotations: { [SELECTED_NODE]: "n1" } }));
    expect(made).toMatchObject({
      kind: "provision",
      volume: {
        metadata: { name: "pvc-c1" },
        spec: {
          claimRef: { uid: "c1" },
          csi: { driver: DISK_DRIVER },
          nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ values: ["a"] }] }] } },
        },
      },
    });
    expect(made.kind === "provision" && diskHandle(made.volume)).toBe("pvc-c1");
  });

  test("takes the smallest volume that is large enough, and none of somebody else", () => {
    const volumes = [
      aVolume("large", "10Gi"),
      aVolume("small", "500Mi"),
      aVolume("right", "2Gi"),
      aVolume("taken", "1Gi", { claimRef: { name: "data", namespace: "other" } }),
    ];
    expect(plan(aClaim(), volumes)).toMatchObject({ kind: "bind", volume: { metadata: { name: "right" } } });
  });

  test("that is deleted stays while a pod uses it", () => {
    const user = aPod("user", { spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] } });
    expect(plan(aClaim({}, { deletionTimestamp: ago(1) }), [], [user])).toEqual({ kind: "nothing" });
  });
});

test.each([
  ["no claim", undefined, undefined, { phase: "Available", isSpent: false }],
  ["its claim", { uid: "c1" }, aClaim(), { phase: "Bound", isSpent: false }],
  ["a claim that is gone", { uid: "c1" }, undefined, { phase: "Released", isSpent: true }],
  ["another of its claim's name", { uid: "c0" }, aClaim(), { phase: "Released", isSpent: true }],
] as const)("a volume with %s", (_, ref, claim, expected) => {
  const claimRef = ref === undefined ? {} : { claimRef: { name: "data", namespace: "default", ...ref } };
  expect(planVolume(aVolume("v", "1Gi", { persistentVolumeReclaimPolicy: "Delete", ...claimRef }), claim)).toEqual(expected);
});

const kubectl = findKubectl();

describe.skipIf(kubectl === undefined)("kubectl and claims", () => {
  let cluster: LabCluster;
  beforeAll(async () => {
    cluster = await startWorkingCluster(kubectl ?? "", ["node-a"]);
    for (const { resource, object } of storageClasses()) await cluster.api.kube.create(resource, object);
  });
  afterAll(() => cluster.close());

  test("a claim is bound with its first pod, and its volume goes with it", async () => {
    await cluster.kubectl(
      "apply -f -",
      `---\n{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`,
    );
    await eventually(
      "it has the default class",
      async () => (await cluster.kubectl("get pvc data -o jsonpath={.spec.storageClassName}")) === "gp2",
    );
    await cluster.kubectl(
      "apply -f -",
      `---\n{apiVersion: v1, kind: Pod, metadata: {name: user}, spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], containers: [{name: c, image: busybox, volumeMounts: [{name: v, mountPath: /v}]}]}}`,
    );
    await cluster.kubectl("wait --for=condition=Ready pod/user --timeout=20s");
    expect(await cluster.kubectl("get pvc data --no-headers")).toMatch(/^data\s+Bound\s+pvc-\S+\s+1Gi\s+RWO\s+gp2/);
    await cluster.kubectl("delete pvc data --wait=false");
    expect(await cluster.kubectl("get pvc data --no-headers")).toMatch(/^data\s+Terminating/);
    await cluster.kubectl("delete pod user");
    await cluster.kubectl("wait --for=delete pvc/data --timeout=20s");
    await eventually("no volume", async () => (await cluster.kubectl("get pv -o name")) === "");
  });

  test("a pod of a claim that is not there says so", async () => {
    await cluster.kubectl(
      "apply -f -",
      `---\n{apiVersion: v1, kind: Pod, metadata: {name: lone}, spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: none}}], containers: [{name: c, image: busybox}]}}`,
    );
    await eventually("the reason", async () =>
      (await cluster.kubectl("describe pod lone")).includes('persistentvolumeclaim "none" not found'),
    );
    await cluster.kubectl("delete pod lone");
  });
});
