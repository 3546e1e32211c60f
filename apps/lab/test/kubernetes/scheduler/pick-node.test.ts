import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Node, PodSpec } from "../../../src/kubernetes/controllers/objects/index.ts";
import { LoadBook } from "../../../src/kubernetes/scheduler/node-load.ts";
import { pickNode } from "../../../src/kubernetes/scheduler/pick-node.ts";
import { quantity } from "../../../src/kubernetes/scheduler/quantity.ts";
import { podRequests } from "../../../src/kubernetes/scheduler/requests.ts";
import { aNode, aPod } from "../objects.ts";

/** The node picked, or the message. */
function pick(spec: Partial<PodSpec>, nodes: readonly Node[], running: readonly (readonly [string, Partial<PodSpec>?])[] = []): string {
  const book = new LoadBook();
  for (const [i, [node, of = {}]] of running.entries()) book.put(aPod(`r${i}`, { spec: of }), node);
  const result = pickNode({ pod: aPod("new", { spec }), nodes, loads: book.loads });
  return result.kind === "node" ? result.node : result.message;
}

const asks = (requests: Record<string, string>): Partial<PodSpec> => ({ containers: [{ name: "c", resources: { requests } }] });
const zone = (name: string): { labels: Record<string, string> } => ({ labels: { "topology.kubernetes.io/zone": name } });
const taint = (key: string, value?: string) => ({
  spec: { taints: [{ key, effect: "NoSchedule", ...(value === undefined ? {} : { value }) }] },
});

describe("among nodes that fit", () => {
  test("the one with the fewest pods, then the zone with the fewest, then the first name", () => {
    const nodes = [aNode("c", zone("x")), aNode("b", zone("y")), aNode("a", zone("x"))];
    expect(pick({}, nodes, [["a"], ["c"], ["c"]])).toBe("b");
    expect(pick({}, nodes, [["a"], ["b"], ["c"]])).toBe("b");
    expect(pick({}, nodes)).toBe("a");
  });
});

describe("a node is out because of", () => {
  const affinity = (operator: string, values: readonly string[]): Partial<PodSpec> => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "size", operator, values }] }] },
      },
    },
  });
  test.each([
    ["its places", {}, aNode("n", { allocatable: { pods: "1" } }), "Too many pods"],
    ["cpu", asks({ cpu: "1500m" }), aNode("n"), "Insufficient cpu"],
    ["memory", asks({ memory: "5Gi" }), aNode("n"), "Insufficient memory"],
    ["a resource it does not have", asks({ "vpc.amazonaws.com/pod-eni": "1" }), aNode("n"), "Insufficient vpc.amazonaws.com/pod-eni"],
    ["the node selector", { nodeSelector: { gpu: "yes" } }, aNode("n"), "node(s) didn't match Pod's node affinity/selector"],
    ["affinity", affinity("Gt", ["4"]), aNode("n", { labels: { size: "3" } }), "node(s) didn't match Pod's node affinity/selector"],
    [
      "an empty term",
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } } },
      aNode("n"),
      "node(s) didn't match Pod's node affinity/selector",
    ],
    ["a taint", {}, aNode("n", taint("node.kubernetes.io/not-ready")), "node(s) had untolerated taint {node.kubernetes.io/not-ready: }"],
    ["being cordoned", {}, aNode("n", { spec: { unschedulable: true } }), "node(s) were unschedulable"],
    [
      "a port that is taken",
      { hostNetwork: true, containers: [{ name: "c", ports: [{ containerPort: 80 }] }] },
      aNode("n"),
      "node(s) didn't have free ports for the requested pod ports",
    ],
  ] as const)("%s", (_, spec, node, reason) => {
    const running = {
      ...asks({ cpu: "1" }),
      hostNetwork: true,
      containers: [{ name: "c", ports: [{ containerPort: 80 }], resources: { requests: { cpu: "1" } } }],
    };
    expect(pick(spec as Partial<PodSpec>, [node], [["n", running]])).toBe(`0/1 nodes are available: 1 ${reason}.`);
  });
});

test.each([
  ["Exists without a key", { operator: "Exists" }],
  ["Exists of the key", { key: "gpu", operator: "Exists" }],
  ["the same value", { key: "gpu", value: "a100", effect: "NoSchedule" }],
])("a taint is tolerated by %s", (_, toleration) => {
  expect(pick({ tolerations: [toleration] }, [aNode("n", taint("gpu", "a100"))])).toBe("n");
});

test("the message counts nodes per reason, in order", () => {
  const nodes = [aNode("a", { allocatable: { pods: "0" } }), aNode("b", { allocatable: { pods: "0" } }), aNode("c", taint("gpu"))];
  expect(pick({}, nodes)).toBe("0/3 nodes are available: 1 node(s) had untolerated taint {gpu: }, 2 Too many pods.");
  expect(pick({}, [])).toBe("no nodes available to schedule pods");
});

test.each([
  ["250m", 0.25],
  ["2", 2],
  [3, 3],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["100k", 100_000],
  ["1e3", 1_000],
  ["", 0],
  ["lots", 0],
] as const)("quantity %s", (text, value) => {
  expect(quantity(text)).toBeCloseTo(value, 9);
});

test("a pod asks for its containers and sidecars together, or for its largest init step where that is more", () => {
  const cpu = (name: string, amount: string, restartPolicy?: string) => ({
    name,
    resources: { requests: { cpu: amount } },
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
  });
  const spec = {
    initContainers: [cpu("sidecar", "100m", "Always"), cpu("setup", "900m")],
    containers: [cpu("a", "300m"), cpu("b", "200m")],
  };
  expect(podRequests(spec).get("cpu")).toBeCloseTo(1);
  expect(podRequests({ ...spec, initContainers: spec.initContainers.slice(0, 1) }).get("cpu")).toBeCloseTo(0.6);
});

test("nodes are never overfilled, and a load book forgets what it is told to", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_500 }), { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (millis, count) => {
      const nodes = Array.from({ length: count }, (_, i) => aNode(`n${i}`, { allocatable: { cpu: "4" } }));
      const book = new LoadBook();
      const pods = millis.map((cpu, i) => aPod(`p${i}`, { spec: asks({ cpu: `${cpu}m` }) }));
      for (const pod of pods) {
        const result = pickNode({ pod, nodes, loads: book.loads });
        if (result.kind === "node") book.put(pod, result.node);
      }
      for (const load of book.loads.values()) {
        expect(load.amounts.get("pods")).toBeLessThanOrEqual(10);
        expect(load.amounts.get("cpu")).toBeLessThanOrEqual(4 + 1e-6);
      }
      for (const pod of pods) book.remove(pod);
      for (const load of book.loads.values()) expect(load.amounts.get("cpu")).toBeCloseTo(0, 6);
    }),
  );
});
