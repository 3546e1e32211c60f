import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  applyConfiguration,
  applyConflict,
  compareFields,
  difference,
  fieldsIn,
  isEmptySet,
  mergeTypeOfSchema,
  pathsOf,
  pathText,
  readFieldsV1,
  readOwners,
  sameJson,
  trackUpdate,
  union,
  writeFieldsV1,
  writeOwners,
  type Applied,
  type Fields,
  type FieldSet,
  type Owners,
} from "../src/index.ts";

const TYPE = mergeTypeOfSchema({
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        replicas: { type: "integer" },
        labels: { type: "object", additionalProperties: { type: "string" } },
        finalizers: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
        args: { type: "array", items: { type: "string" } },
        selector: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: { type: "string" } },
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["port", "protocol"],
          items: {
            type: "object",
            properties: {
              port: { type: "integer" },
              protocol: { type: "string", default: "TCP" },
              name: { type: "string" },
              to: { type: "integer" },
            },
          },
        },
      },
    },
    status: { type: "object", properties: { phase: { type: "string" } } },
  },
});

interface World {
  readonly object: Fields;
  readonly owners: Owners;
}

const EMPTY: World = { object: {}, owners: new Map() };

function apply(world: World, name: string, config: Fields, force = false): Applied {
  const writer = { name, operation: "Apply" as const, apiVersion: "v1", subresource: "", time: "2030-01-01T00:00:00Z" };
  return applyConfiguration({ live: world.object, config, owners: world.owners, writer, force, type: TYPE, ownable: "all" });
}

function applied(world: World, name: string, config: Fields, force = false): World {
  const result = apply(world, name, config, force);
  if (result.kind === "conflicts") throw new Error(result.conflicts.map(({ path }) => pathText(path)).join(" "));
  return { object: result.object, owners: result.owners };
}

function updated(world: World, name: string, object: Fields): World {
  const writer = { name, operation: "Update" as const, apiVersion: "v1", subresource: "", time: "2030-01-01T00:00:00Z" };
  return { object, owners: trackUpdate({ before: world.object, after: object, owners: world.owners, writer, type: TYPE, ownable: "all" }) };
}

function owned(world: World, name: string): readonly string[] {
  return [...world.owners.values()].filter((one) => one.name === name).flatMap(({ fields }) => pathsOf(fields).map(pathText));
}

describe("apply", () => {
  test("what is no longer given goes, unless another gives it too", () => {
    const one = applied(EMPTY, "one", { spec: { replicas: 1, labels: { a: "1", b: "2" } } });
    const both = applied(one, "two", { spec: { labels: { b: "2" } } });
    const less = applied(both, "one", { spec: { replicas: 1 } });
    expect(less.object).toEqual({ spec: { replicas: 1, labels: { b: "2" } } });
    expect(applied(less, "two", {}).object).toEqual({ spec: { replicas: 1 } });
  });

  test("another's field is a conflict, and force takes it", () => {
    const one = applied(EMPTY, "one", { spec: { replicas: 1 } });
    const scaled = updated(one, "kubectl-edit", { spec: { replicas: 3 } });
    expect(owned(scaled, "one")).toEqual([]);
    const refused = apply(scaled, "one", { spec: { replicas: 1 } });
    expect(refused.kind === "conflicts" ? applyConflict(refused.conflicts) : refused).toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .spec.replicas',
      details: { causes: [{ reason: "FieldManagerConflict", field: ".spec.replicas", message: 'conflict with "kubectl-edit" using v1' }] },
    });
    const forced = applied(scaled, "one", { spec: { replicas: 1 } }, true);
    expect([owned(forced, "one"), owned(forced, "kubectl-edit")]).toEqual([[".spec.replicas"], []]);
  });

  test("the same value is shared, not fought over", () => {
    const both = applied(applied(EMPTY, "one", { spec: { replicas: 2 } }), "two", { spec: { replicas: 2 } });
    expect([owned(both, "one"), owned(both, "two")]).toEqual([[".spec.replicas"], [".spec.replicas"]]);
    expect(apply(both, "two", { spec: { replicas: 3 } }).kind).toBe("conflicts");
  });

  test("items are found by their keys, with a key's default", () => {
    const one = applied(EMPTY, "one", { spec: { ports: [{ port: 80, name: "http" }] } });
    const two = applied(one, "two", {
      spec: {
        ports: [
          { port: 80, protocol: "TCP", to: 8080 },
          { port: 53, protocol: "UDP" },
        ],
      },
    });
    expect(two.object).toEqual({
      spec: {
        ports: [
          { port: 80, protocol: "TCP", name: "http", to: 8080 },
          { port: 53, protocol: "UDP" },
        ],
      },
    });
    expect(owned(two, "two")).toContain('.spec.ports[port=80,protocol="TCP"].to');
    const gone = applied(two, "two", {});
    expect(gone.object).toEqual({ spec: { ports: [{ port: 80, name: "http" }] } });
  });

  test("an item stays while another applies it, with what that one gives", () => {
    const one = applied(EMPTY, "one", { spec: { ports: [{ port: 80, name: "http" }] } });
    const both = applied(one, "two", { spec: { ports: [{ port: 80, to: 1 }] } });
    expect(applied(both, "one", {}).object).toEqual({ spec: { ports: [{ port: 80, to: 1 }] } });
    const edited = updated(one, "edit", { spec: { ports: [{ port: 80, name: "http", to: 1 }] } });
    expect(applied(edited, "one", {}).object).toEqual({});
  });

  test("sets by item, atomic lists and maps as one", () => {
    const one = applied(EMPTY, "one", { spec: { finalizers: ["a", "b"], args: ["x"], selector: { k: "v" } } });
    const two = applied(one, "two", { spec: { finalizers: ["c", "b"] } });
    expect(two.object).toEqual({ spec: { finalizers: ["a", "c", "b"], args: ["x"], selector: { k: "v" } } });
    expect(apply(two, "two", { spec: { args: ["y"] } }).kind).toBe("conflicts");
    expect(applied(two, "one", {}).object).toEqual({ spec: { finalizers: ["c", "b"] } });
    expect(owned(one, "one")).toEqual([".spec.args", '.spec.finalizers[="a"]', '.spec.finalizers[="b"]', ".spec.selector"]);
  });

  test("managed fields are written as the API server writes them", () => {
    const world = updated(applied(EMPTY, "one", { spec: { replicas: 1, labels: { a: "b" } } }), "kubelet", {
      spec: { replicas: 1, labels: { a: "b" } },
      status: { phase: "Up" },
    });
    expect(writeOwners(world.owners)).toEqual([
      {
        manager: "one",
        operation: "Apply",
        apiVersion: "v1",
        time: "2030-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:spec": { "f:replicas": {}, "f:labels": { "f:a": {} } } },
      },
      {
        manager: "kubelet",
        operation: "Update",
        apiVersion: "v1",
        time: "2030-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:status": { ".": {}, "f:phase": {} } },
      },
    ]);
    expect(writeOwners(readOwners(JSON.parse(JSON.stringify(writeOwners(world.owners)))))).toEqual(writeOwners(world.owners));
  });

  test("no more than ten updaters are told apart", () => {
    let world = EMPTY;
    for (let i = 0; i < 14; i++) {
      world = updated(world, `updater-${String(i).padStart(2, "0")}`, { spec: { labels: { ...labelsOf(world), [`k${i}`]: "v" } } });
    }
    expect([...world.owners.values()].map(({ name }) => name)).toContain("ancient-changes");
    expect(world.owners.size).toBe(11);
    expect(isEmptySet(difference(fieldsIn(world.object, TYPE), unionOf(world.owners)))).toBe(true);
  });
});

function labelsOf({ object }: World): Fields | undefined {
  return (object["spec"] as { readonly labels?: Fields } | undefined)?.labels;
}

function unionOf(owners: Owners): FieldSet {
  return [...owners.values()].reduce<FieldSet>((all, { fields }) => union(all, fields), readFieldsV1({}));
}

const arbLabels = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), { maxKeys: 3 });
const arbPort = fc.record(
  { port: fc.constantFrom(80, 443), protocol: fc.constantFrom("TCP", "UDP"), name: fc.constantFrom("x", "y"), to: fc.nat(3) },
  { requiredKeys: ["port"] },
);
const arbConfig: fc.Arbitrary<Fields> = fc
  .record(
    {
      replicas: fc.nat(3),
      labels: arbLabels,
      finalizers: fc.uniqueArray(fc.constantFrom("f1", "f2", "f3")),
      args: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
      selector: arbLabels,
      ports: fc.uniqueArray(arbPort, { selector: ({ port, protocol }) => `${port}/${protocol ?? "TCP"}` }),
    },
    { requiredKeys: [] },
  )
  .map((spec) => ({ spec }));

describe("for every configuration", () => {
  test("applying it again changes nothing", () => {
    fc.assert(
      fc.property(arbConfig, arbConfig, (theirs, mine) => {
        const first = applied(applied(EMPTY, "theirs", theirs), "mine", mine, true);
        const again = apply(first, "mine", mine);
        expect(again).toMatchObject({ kind: "applied", changed: false });
        expect(again.kind === "applied" ? writeOwners(again.owners) : again).toEqual(writeOwners(first.owners));
      }),
    );
  });

  test("who applies nothing any more leaves only what others give", () => {
    fc.assert(
      fc.property(arbConfig, arbConfig, (a, b) => {
        const both = applied(applied(EMPTY, "a", a), "b", b, true);
        const left = applied(both, "a", {});
        const { modified, removed } = compareFields(b, left.object, TYPE);
        expect([pathsOf(modified), pathsOf(removed).filter((path) => path.length > 2)]).toEqual([[], []]);
        expect(isEmptySet(difference(fieldsIn(left.object, TYPE), fieldsIn(b, TYPE)))).toBe(true);
        expect(owned(left, "a")).toEqual([]);
      }),
    );
  });

  test("the fields of an object are the union of what its owners own", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), arbConfig, fc.boolean()), { maxLength: 6 }), (writes) => {
        let world = EMPTY;
        for (const [name, config, isApply] of writes) world = isApply ? applied(world, name, config, true) : updated(world, name, config);
        const unowned = pathsOf(difference(fieldsIn(world.object, TYPE), unionOf(world.owners)));
        // A map that lost its last field by an update is empty, which nobody said.
        expect(unowned.filter((path) => !["f:labels", "f:spec"].includes(path.at(-1) ?? ""))).toEqual([]);
      }),
    );
  });

  test("owners of different fields never meet", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(9)), { maxLength: 20 }), (writes) => {
        let world = EMPTY;
        for (const [name, value] of writes) world = applied(world, name, { spec: { labels: { [name]: String(value) } } });
        for (const [name, value] of new Map(writes)) expect(labelsOf(world)?.[name]).toBe(String(value));
      }),
    );
  });

  test("fieldsV1 reads back as it was written", () => {
    fc.assert(
      fc.property(arbConfig, (config) => {
        const set = fieldsIn(config, TYPE);
        const read = readFieldsV1(JSON.parse(JSON.stringify(writeFieldsV1(set))));
        expect(sameJson(writeFieldsV1(read), writeFieldsV1(set))).toBe(true);
      }),
    );
  });
});
