import { expect, test } from "vitest";
import { reconcileNode } from "../../../src/kubernetes/controllers/node-lifecycle/reconcile.ts";
import { missingDefaults } from "../../../src/kubernetes/controllers/namespaces/namespace-contents.ts";
import type { Lease, Node } from "../../../src/kubernetes/controllers/objects/index.ts";
import { NOW, aNode, ago } from "../objects.ts";

const lease = (secondsAgo: number): Lease => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "n1", namespace: "kube-node-lease" },
  spec: { renewTime: ago(secondsAgo) },
});

const ready = (status: string, taints: readonly string[] = []): Node => {
  const node = aNode("n1", {
    spec: { taints: taints.flatMap((key) => [{ key, effect: "NoSchedule" }, ...(key === "gpu" ? [] : [{ key, effect: "NoExecute" }])]) },
  });
  return { ...node, status: { ...node.status, conditions: [{ type: "Ready", status }] } };
};

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";

test.each([
  ["ready and alive", ready("True"), lease(10), undefined],
  ["ready, without a lease", ready("True"), undefined, undefined],
  ["not ready", ready("False"), lease(10), [NOT_READY, NOT_READY]],
  ["without any report", ready("Unknown"), lease(99), [UNREACHABLE, UNREACHABLE]],
  ["ready again", ready("True", [NOT_READY, "gpu"]), lease(1), ["gpu"]],
  ["not ready, and marked so", ready("False", [NOT_READY]), lease(1), undefined],
  ["silent", ready("True"), lease(60), [UNREACHABLE, UNREACHABLE]],
] as const)("a node %s", (_, node, lease, taints) => {
  expect(reconcileNode({ node, lease, now: NOW }).taints?.map(({ key }) => key)).toEqual(taints);
});

test("a silent node's conditions become unknown; a live one is looked at again when its lease runs out", () => {
  expect(reconcileNode({ node: ready("True"), lease: lease(60), now: NOW }).conditions).toMatchObject([
    { type: "Ready", status: "Unknown", reason: "NodeStatusUnknown", lastTransitionTime: ago(0) },
  ]);
  expect(reconcileNode({ node: ready("True"), lease: lease(10), now: NOW }).afterMs).toBe(40_001);
});

const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "shop" } };

test("a namespace is given what it lacks of its defaults, and nothing once it is on its way out", () => {
  expect(missingDefaults({ namespace, contents: [], caPem: "CA" })).toMatchObject([
    { kind: "ServiceAccount" },
    { kind: "ConfigMap", metadata: { name: "kube-root-ca.crt", namespace: "shop" }, data: { "ca.crt": "CA" } },
  ]);
  expect(missingDefaults({ namespace, contents: [account], caPem: undefined })).toEqual([]);
  const going = { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: ago(1) } };
  expect(missingDefaults({ namespace: going, contents: [], caPem: "CA" })).toEqual([]);
});
