import { array, assert, integer, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import type { Node, Pod, PodSpec } from "../../../src/kubernetes/controllers/objects/index.ts";
import { LoadBook } from "../../../src/kubernetes/scheduler/node-load.ts";
import { pickNode } from "../../../src/kubernetes/scheduler/pick-node.ts";
import { aNode, aPod } from "../objects.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";

const node = (name: string, zone: string, spec?: Node["spec"]): Node =>
  aNode(name, { labels: { [ZONE]: zone, [HOST]: name }, ...(spec === undefined ? {} : { spec }) });
const NODES = [node("a1", "a"), node("a2", "a"), node("b1", "b")];

interface There {
  readonly on: string;
  readonly app: string;
  readonly spec?: Partial<PodSpec>;
}

function pick(spec: Partial<PodSpec>, there: readonly There[], nodes = NODES, app = "web"): string {
  const book = new LoadBook();
  for (const [i, { on, app: of, spec: own = {} }] of there.entries()) book.put(aPod(`t${i}`, { labels: { app: of }, spec: own }), on);
  const picked = pickNode({ pod: aPod("new", { labels: { app }, spec }), nodes, loads: book.loads });
  return picked.kind === "node" ? picked.node : picked.message;
}

const term = (app: string, topologyKey: string) => ({ topologyKey, labelSelector: { matchLabels: { app } } });
const near = (app: string, key: string): Partial<PodSpec> => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app, key)] } },
});
const far = (app: string, key: string): Partial<PodSpec> => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app, key)] } },
});

describe("pod affinity", () => {
  test("joins the zone of others", () => {
    expect(
      pick(near("db", ZONE), [
        { on: "b1", app: "db" },
        { on: "b1", app: "db" },
      ]),
    ).toBe("b1");
  });
  test("names what is missing", () => {
    expect(pick(near("db", ZONE), [])).toBe("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.");
  });
  test("lets the first of its own group go anywhere", () => {
    expect(pick(near("web", ZONE), [])).toBe("a1");
  });
  test("looks into its own namespace only, unless told", () => {
    const there = [{ on: "b1", app: "db" }];
    const other = { ...term("db", ZONE), namespaces: ["elsewhere"] };
    const all = { ...term("db", ZONE), namespaceSelector: {} };
    const required = (one: object): Partial<PodSpec> => ({
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [one] } },
    });
    expect(pick(required(other), there)).toContain("didn't match pod affinity rules");
    expect(pick(required(all), there)).toBe("b1");
  });
});

describe("pod anti-affinity", () => {
  test("keeps one per node, then finds none", () => {
    expect(
      pick(far("web", HOST), [
        { on: "a1", app: "web" },
        { on: "b1", app: "web" },
      ]),
    ).toBe("a2");
    const full = ["a1", "a2", "b1"].map((on) => ({ on, app: "web" }));
    expect(pick(far("web", HOST), full)).toBe("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.");
  });
  test("of pods that are there keeps others away too", () => {
    const guard = { on: "a1", app: "db", spec: far("web", ZONE) };
    expect(pick({}, [guard, { on: "b1", app: "x" }, { on: "b1", app: "x" }])).toBe("b1");
    expect(pick({}, [guard], NODES.slice(0, 2))).toContain("2 node(s) didn't satisfy existing pods anti-affinity rules");
  });
});

describe("what is only preferred", () => {
  test("pods near others, and away from others", () => {
    const preferred = (kind: string): Partial<PodSpec> => ({
      affinity: { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term("db", ZONE) }] } },
    });
    const there = [{ on: "b1", app: "db" }];
    expect(pick(preferred("podAffinity"), there)).toBe("b1");
    expect(
      pick(preferred("podAntiAffinity"), [
        { on: "a1", app: "db" },
        { on: "b1", app: "x" },
        { on: "b1", app: "x" },
      ]),
    ).toBe("b1");
  });
  test("nodes by label, and those without a soft taint", () => {
    const preferred = { weight: 1, preference: { matchExpressions: [{ key: ZONE, operator: "In", values: ["b"] }] } };
    expect(pick({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [preferred] } } }, [])).toBe("b1");
    const soft = { taints: [{ key: "old", effect: "PreferNoSchedule" }] };
    expect(pick({}, [], [node("a1", "a", soft), node("b1", "b")])).toBe("b1");
    expect(pick({}, [], [node("a1", "a", soft)])).toBe("a1");
  });
});

describe("a spread over zones", () => {
  const spread = (more: object = {}): Partial<PodSpec> => ({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "web" } }, ...more },
    ],
  });
  test("takes the zone that has fewer", () => {
    expect(
      pick(spread(), [
        { on: "a1", app: "web" },
        { on: "b1", app: "x" },
        { on: "b1", app: "x" },
      ]),
    ).toBe("b1");
  });
  test("holds a pod back where the other zone has no room", () => {
    const nodes = [node("a1", "a"), node("b1", "b", { unschedulable: true })];
    expect(pick(spread(), [{ on: "a1", app: "web" }], nodes)).toBe(
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable.",
    );
    expect(pick(spread({ whenUnsatisfiable: "ScheduleAnyway" }), [{ on: "a1", app: "web" }], nodes)).toBe("a1");
  });
  test("leaves nodes without the label out, and asks for a number of zones", () => {
    expect(pick(spread(), [], [aNode("n")])).toContain("(missing required label)");
    expect(
      pick(spread({ minDomains: 3 }), [
        { on: "a1", app: "web" },
        { on: "b1", app: "web" },
      ]),
    ).toContain("topology spread constraints");
  });

  test("is never skewed by more than it may, whatever comes", () => {
    assert(
      property(array(nat(5), { minLength: 1, maxLength: 6 }), integer({ min: 1, max: 3 }), nat(30), (zones, maxSkew, count) => {
        const nodes = zones.map((zone, i) => node(`n${i}`, `z${zone}`));
        const book = new LoadBook();
        const perZone = new Map(zones.map((zone) => [`z${zone}`, 0]));
        for (let i = 0; i < count; i++) {
          const pod: Pod = aPod(`p${i}`, { labels: { app: "web" }, spec: spread({ maxSkew }) });
          const picked = pickNode({ pod, nodes, loads: book.loads });
          if (picked.kind === "none") continue;
          book.put(pod, picked.node);
          const zone = nodes.find(({ metadata }) => metadata.name === picked.node)?.metadata.labels?.[ZONE] ?? "";
          perZone.set(zone, (perZone.get(zone) ?? 0) + 1);
          expect(Math.max(...perZone.values()) - Math.min(...perZone.values())).toBeLessThanOrEqual(maxSkew);
        }
      }),
    );
  });
});
