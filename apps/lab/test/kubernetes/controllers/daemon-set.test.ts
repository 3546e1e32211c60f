import { describe, expect, test } from "vitest";
import {
  daemonTolerations,
  eligibilityOf,
  nodeOf,
  templateForNode,
} from "../../../src/kubernetes/controllers/daemon-set/node-eligibility.ts";
import { reconcileDaemonSet } from "../../../src/kubernetes/controllers/daemon-set/reconcile.ts";
import { templateHistory } from "../../../src/kubernetes/controllers/template-history.ts";
import type { ControllerRevision, DaemonSet, Node, Pod, PodSpec } from "../../../src/kubernetes/controllers/objects/index.ts";
import { NOW, aDaemonSet, aNode, aPod, ago } from "../objects.ts";
import type { PodLook } from "../objects.ts";

const set = aDaemonSet();
const nodes = ["n1", "n2", "n3", "n4"].map((name) => aNode(name));
const daemon = (node: string, hash: string, look: PodLook = {}): Pod =>
  aPod(`${node}-${hash}`, { owner: set, node, readyFor: 50, labels: { app: "agent", "controller-revision-hash": hash }, ...look });

const plan = (daemonSet: DaemonSet, on: readonly Node[], pods: readonly Pod[], revisionHash = "new") => {
  const { createOn, delete: ended, status } = reconcileDaemonSet({ daemonSet, nodes: on, pods, revisionHash, now: NOW });
  return { createOn, ended: ended.map((pod) => pod.metadata.name), status };
};

describe("reconcileDaemonSet", () => {
  test("starts one pod on every node that has none", () => {
    expect(plan(set, nodes, [daemon("n2", "new")])).toMatchObject({ createOn: ["n1", "n3", "n4"], ended: [] });
  });

  test("waits until an ending pod is gone, and replaces a failed one", () => {
    const pods = [daemon("n1", "new", { isEnding: true }), daemon("n2", "new", { phase: "Failed" })];
    expect(plan(set, nodes.slice(0, 2), pods)).toMatchObject({ createOn: ["n2"], ended: ["n2-new"] });
  });

  test("of two pods on a node the older stays", () => {
    const pods = [
      daemon("n1", "new", { age: 10 }),
      { ...daemon("n1", "new", { age: 90 }), metadata: { ...daemon("n1", "new", { age: 90 }).metadata, name: "older" } },
    ];
    expect(plan(set, nodes.slice(0, 1), pods).ended).toEqual(["n1-new"]);
  });

  test("replaces one serving pod at a time unless told otherwise", () => {
    const old = nodes.map((node) => daemon(node.metadata.name, "old"));
    expect(plan(set, nodes, old).ended).toEqual(["n1-old"]);
    const [, ...rest] = old;
    expect(plan(set, nodes, [daemon("n1", "new"), ...rest]).ended).toEqual(["n2-old"]);
  });

  test("waits while a new pod is not ready", () => {
    const [, ...rest] = nodes.map((node) => daemon(node.metadata.name, "old"));
    const starting = aPod("n1-new", { owner: set, node: "n1", labels: { app: "agent", "controller-revision-hash": "new" } });
    expect(plan(set, nodes, [starting, ...rest]).ended).toEqual([]);
  });

  test("a share of the nodes is rounded up", () => {
    const daemonSet = aDaemonSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "30%" } } });
    const old = nodes.map((node) => daemon(node.metadata.name, "old"));
    expect(plan(daemonSet, nodes, old).ended).toEqual(["n1-old", "n2-old"]);
  });

  test("old pods that do not serve are replaced at once, beyond the limit", () => {
    const broken = ["n1", "n2", "n3"].map((node) =>
      aPod(`${node}-old`, { owner: set, node, labels: { "controller-revision-hash": "old" } }),
    );
    expect(plan(set, nodes, [...broken, daemon("n4", "old")]).ended).toEqual(["n1-old", "n2-old", "n3-old"]);
  });

  test("OnDelete replaces nothing by itself", () => {
    const daemonSet = aDaemonSet({ updateStrategy: { type: "OnDelete" } });
    expect(
      plan(
        daemonSet,
        nodes,
        nodes.map((node) => daemon(node.metadata.name, "old")),
      ).ended,
    ).toEqual([]);
  });

  test("counts for kubectl rollout status", () => {
    const off = aNode("off", { spec: { taints: [{ key: "gpu", effect: "NoSchedule" }] } });
    const pods = [daemon("n1", "new"), daemon("n2", "old"), daemon("off", "old")];
    expect(plan(set, [...nodes, off], pods).status).toEqual({
      currentNumberScheduled: 2,
      desiredNumberScheduled: 4,
      numberMisscheduled: 1,
      numberReady: 2,
      numberAvailable: 2,
      numberUnavailable: 2,
      updatedNumberScheduled: 1,
      observedGeneration: 1,
    });
  });

  test("does nothing while it is being deleted", () => {
    const going = { ...set, metadata: { ...set.metadata, deletionTimestamp: ago(1) } };
    expect(plan(going, nodes, [])).toMatchObject({ createOn: [], ended: [] });
  });
});

const withSpec = (spec: Partial<PodSpec>): DaemonSet =>
  aDaemonSet({ template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "agent" }], ...spec } } });
const tainted = (key: string, effect: string): Node => aNode("n1", { spec: { taints: [{ key, effect }] } });
const onZone = (zone: string): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: [zone] }] }],
      },
    },
  },
});

test.each([
  ["a plain node", {}, aNode("n1"), true, true],
  ["a node selector that matches", { nodeSelector: { zone: "a" } }, aNode("n1", { labels: { zone: "a" } }), true, true],
  ["one that does not", { nodeSelector: { zone: "b" } }, aNode("n1", { labels: { zone: "a" } }), false, false],
  ["required affinity that matches", onZone("a"), aNode("n1", { labels: { zone: "a" } }), true, true],
  ["one that does not", onZone("b"), aNode("n1", { labels: { zone: "a" } }), false, false],
  ["a taint that keeps new pods away", {}, tainted("gpu", "NoSchedule"), false, true],
  ["a taint that drives pods out", {}, tainted("gpu", "NoExecute"), false, false],
  ["the same, tolerated", { tolerations: [{ operator: "Exists" }] }, tainted("gpu", "NoExecute"), true, true],
  ["a cordoned node", {}, tainted("node.kubernetes.io/unschedulable", "NoSchedule"), true, true],
  ["a node without a network", {}, tainted("node.kubernetes.io/network-unavailable", "NoSchedule"), false, true],
  [
    "the same for a daemon on the host network",
    { hostNetwork: true },
    tainted("node.kubernetes.io/network-unavailable", "NoSchedule"),
    true,
    true,
  ],
] as const)("eligible: %s", (_, spec, node, shouldRun, mayStay) => {
  expect(eligibilityOf(withSpec(spec as Partial<PodSpec>), node)).toEqual({ shouldRun, mayStay });
});

test("the pod for a node is bound to it by name, and knows its revision", () => {
  const template = templateForNode(withSpec(onZone("a")), "n7", "abc");
  expect(nodeOf(template)).toBe("n7");
  expect(template.metadata?.labels).toEqual({ app: "agent", "controller-revision-hash": "abc", "pod-template-generation": "1" });
  expect(daemonTolerations(template.spec)).toHaveLength(6);
});

describe("templateHistory", () => {
  const stored = (image: string, revision: number): ControllerRevision => {
    const { create } = templateHistory(withSpec({ containers: [{ name: "agent", image }] }), [], new Set());
    if (create === undefined) throw new Error("a first template is always stored");
    return { ...create, revision };
  };
  const current = withSpec({ containers: [{ name: "agent", image: "agent:3" }] });

  test("numbers a template never seen after all others", () => {
    const history = templateHistory(current, [stored("agent:1", 1), stored("agent:2", 4)], new Set());
    expect(history.create).toMatchObject({ revision: 5, metadata: { labels: { "controller-revision-hash": history.hash } } });
  });

  test("moves a template that is used again to the end and keeps its hash", () => {
    const again = stored("agent:3", 1);
    const history = templateHistory(current, [again, stored("agent:2", 2)], new Set());
    expect(history).toMatchObject({ hash: again.metadata.labels?.["controller-revision-hash"], renumber: { revision: 3 } });
    expect(history.create).toBeUndefined();
  });

  test("drops the oldest beyond the limit, but none a pod still has", () => {
    const old = [1, 2, 3, 4].map((n) => stored(`old:${n}`, n));
    const limited = { ...current, spec: { ...current.spec, revisionHistoryLimit: 1 } };
    const inUse = new Set([old[0]?.metadata.labels?.["controller-revision-hash"] ?? ""]);
    expect(templateHistory(limited, old, inUse).delete.map(({ revision }) => revision)).toEqual([2, 3]);
  });
});
