import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { applyJsonPatch, applyMergePatch, applyStrategicPatch, sameJson } from "../src/index.ts";
import { refusal, valueOf } from "./config-map.ts";

describe("merge patch (RFC 7386, appendix A)", () => {
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (target, patch, wanted) => {
    expect(applyMergePatch(target, patch)).toEqual(wanted);
  });
});

describe("JSON patch (RFC 6902)", () => {
  const at = (op: object): unknown => [op];
  test.each([
    [{ foo: "bar" }, at({ op: "add", path: "/baz", value: "qux" }), { baz: "qux", foo: "bar" }],
    [{ foo: ["bar", "baz"] }, at({ op: "add", path: "/foo/1", value: "qux" }), { foo: ["bar", "qux", "baz"] }],
    [{ foo: ["bar"] }, at({ op: "add", path: "/foo/-", value: ["abc"] }), { foo: ["bar", ["abc"]] }],
    [{ baz: "qux", foo: "bar" }, at({ op: "remove", path: "/baz" }), { foo: "bar" }],
    [{ foo: ["bar", "qux", "baz"] }, at({ op: "remove", path: "/foo/1" }), { foo: ["bar", "baz"] }],
    [{ baz: "qux" }, at({ op: "replace", path: "/baz", value: "boo" }), { baz: "boo" }],
    [{ foo: { bar: 1 }, qux: {} }, at({ op: "move", from: "/foo/bar", path: "/qux/thud" }), { foo: {}, qux: { thud: 1 } }],
    [{ foo: ["a", "b", "c"] }, at({ op: "move", from: "/foo/0", path: "/foo/2" }), { foo: ["b", "c", "a"] }],
    [
      { "a/b": 1, "m~n": 2 },
      [
        { op: "test", path: "/a~1b", value: 1 },
        { op: "copy", from: "/m~0n", path: "/x" },
      ],
      { "a/b": 1, "m~n": 2, x: 2 },
    ],
    [{ foo: 1 }, at({ op: "replace", path: "", value: [] }), []],
  ])("%j with %j is %j", (document, patch, wanted) => {
    expect(valueOf(applyJsonPatch(document, patch))).toEqual(wanted);
  });

  test.each([
    ["a place that is not there", { op: "remove", path: "/nothing" }],
    ["a test that does not hold", { op: "test", path: "/foo", value: 2 }],
    ["an index past the end", { op: "add", path: "/list/9", value: 1 }],
    ["an index with a leading zero", { op: "replace", path: "/list/00", value: 1 }],
    ["a pointer without a slash", { op: "add", path: "foo", value: 1 }],
    ["an unknown operation", { op: "spin", path: "/foo" }],
    ["a move into itself", { op: "move", from: "/map", path: "/map/in" }],
    ["a field of the prototype", { op: "remove", path: "/toString" }],
  ])("refuses %s", (_what, operation) => {
    expect(refusal(applyJsonPatch({ foo: 1, list: [1], map: {} }, [operation]))).toBe(422);
  });
});

const pod = (containers: readonly object[], rest: object = {}): { readonly spec: object } => ({ spec: { containers, ...rest } });

describe("strategic merge patch", () => {
  const two = pod([
    { name: "a", image: "1", env: [{ name: "X", value: "1" }] },
    { name: "b", image: "2" },
  ]);
  test.each([
    [
      "items merge by their key",
      pod([{ name: "a", image: "9" }]),
      pod([
        { name: "a", image: "9", env: [{ name: "X", value: "1" }] },
        { name: "b", image: "2" },
      ]),
    ],
    [
      "new items come first",
      pod([{ name: "c", image: "3" }]),
      pod([{ name: "c", image: "3" }, ...(two.spec as { containers: object[] }).containers]),
    ],
    ["$patch delete takes an item", pod([{ name: "a", $patch: "delete" }]), pod([{ name: "b", image: "2" }])],
    [
      "$patch replace takes the list",
      { spec: { containers: [{ name: "c", image: "3" }, { $patch: "replace" }] } },
      pod([{ name: "c", image: "3" }]),
    ],
    ["$patch replace takes an object", { spec: { $patch: "replace", nodeName: "n" } }, { spec: { nodeName: "n" } }],
    [
      "null takes a field",
      pod([{ name: "a", env: null }]),
      pod([
        { name: "a", image: "1" },
        { name: "b", image: "2" },
      ]),
    ],
    [
      "$setElementOrder sorts",
      { spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } },
      pod((two.spec as { containers: object[] }).containers.toReversed()),
    ],
  ])("%s", (_what, patch, wanted) => {
    expect(valueOf(applyStrategicPatch(two, patch, "Pod"))).toEqual(wanted);
  });

  test("lists without a key are replaced", () => {
    const original = pod([], { tolerations: [{ key: "old" }, { key: "kept" }] });
    expect(valueOf(applyStrategicPatch(original, { spec: { tolerations: [{ key: "new" }] } }, "Pod"))).toEqual(
      pod([], { tolerations: [{ key: "new" }] }),
    );
  });

  test("$setElementOrder keeps what only the server has in its place", () => {
    const original = pod([{ name: "a" }, { name: "server" }, { name: "b" }]);
    const patch = {
      spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "new" }, { name: "a" }], containers: [{ name: "new" }] },
    };
    const { spec } = valueOf(applyStrategicPatch(original, patch, "Pod")) as { spec: { containers: { name: string }[] } };
    expect(spec.containers.map(({ name }) => name)).toEqual(["server", "b", "new", "a"]);
  });

  test("$retainKeys drops other fields of the object", () => {
    const original = { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } };
    expect(valueOf(applyStrategicPatch(original, patch, "Deployment"))).toEqual({ spec: { strategy: { type: "Recreate" } } });
  });

  test("finalizers merge as a set and leave by $deleteFromPrimitiveList", () => {
    const original = { metadata: { finalizers: ["a", "b"] } };
    const patch = { metadata: { "$deleteFromPrimitiveList/finalizers": ["a"], finalizers: ["c"] } };
    const { metadata } = valueOf(applyStrategicPatch(original, patch, "Pod")) as { metadata: { finalizers: string[] } };
    expect(metadata.finalizers.toSorted()).toEqual(["b", "c"]);
  });

  test("status conditions merge by type, service ports by port", () => {
    const node = {
      status: {
        conditions: [
          { type: "Ready", status: "False" },
          { type: "Disk", status: "True" },
        ],
      },
    };
    const { status } = valueOf(applyStrategicPatch(node, { status: { conditions: [{ type: "Ready", status: "True" }] } }, "Node")) as {
      status: { conditions: unknown[] };
    };
    expect(status.conditions).toEqual([
      { type: "Ready", status: "True" },
      { type: "Disk", status: "True" },
    ]);
    const service = { spec: { ports: [{ port: 80, name: "a" }, { port: 81 }] } };
    const { spec } = valueOf(applyStrategicPatch(service, { spec: { ports: [{ port: 80, name: "b" }] } }, "Service")) as {
      spec: { ports: unknown[] };
    };
    expect(spec.ports).toEqual([{ port: 80, name: "b" }, { port: 81 }]);
  });

  test("refuses items without the key, unknown directives, and anything but an object", () => {
    expect(refusal(applyStrategicPatch(two, pod([{ image: "x" }]), "Pod"))).toBe(400);
    expect(refusal(applyStrategicPatch(two, { spec: { $patch: "spin" } }, "Pod"))).toBe(400);
    expect(refusal(applyStrategicPatch(two, [], "Pod"))).toBe(400);
  });
});

const tree = fc.letrec<{ any: unknown; map: Record<string, unknown> }>((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string({ maxLength: 3 }), fc.array(fc.integer(), { maxLength: 3 }), tie("map")),
  map: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("any"), { maxKeys: 4, noNullPrototype: true }),
}));

describe("laws", () => {
  test("a merge patch applied twice is a merge patch applied once, and a document is its own patch", () => {
    fc.assert(
      fc.property(tree.map, tree.map, (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
        expect(applyMergePatch(target, target)).toEqual(target);
        expect(applyMergePatch(target, {})).toEqual(target);
      }),
    );
  });

  test("without keyed lists a strategic patch is a merge patch", () => {
    fc.assert(
      fc.property(tree.map, tree.map, (target, patch) => {
        expect(sameJson(valueOf(applyStrategicPatch(target, patch, "Pod")), applyMergePatch(target, patch))).toBe(true);
      }),
    );
  });

  test("a strategic patch applied twice is the patch applied once, and neither side is changed by it", () => {
    const container = fc.record({ name: fc.constantFrom("a", "b", "c"), image: fc.string({ maxLength: 3 }) });
    const containers = fc.uniqueArray(container, { selector: ({ name }) => name, maxLength: 3 });
    fc.assert(
      fc.property(containers, containers, (before, patch) => {
        const target = pod(before);
        const text = JSON.stringify([target, patch]);
        const once = valueOf(applyStrategicPatch(target, pod(patch), "Pod"));
        expect(valueOf(applyStrategicPatch(once, pod(patch), "Pod"))).toEqual(once);
        expect(JSON.stringify([target, patch])).toBe(text);
      }),
    );
  });

  test("adding and then removing a field by JSON patch leaves the document as it was", () => {
    fc.assert(
      fc.property(tree.map, tree.any, (document, added) => {
        const path = "/new";
        const there = valueOf(
          applyJsonPatch(document, [
            { op: "add", path, value: added },
            { op: "test", path, value: added },
          ]),
        );
        expect(valueOf(applyJsonPatch(there, [{ op: "remove", path }]))).toEqual(document);
      }),
    );
  });
});
