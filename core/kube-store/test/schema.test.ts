import { describe, expect, test } from "vitest";

import { checkSchema, parseQuantity, prune, withDefaults } from "../src/index.ts";

const SCHEMA = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["subnet"],
      properties: {
        subnet: { type: "string", pattern: "^subnet-" },
        mode: { type: "string", enum: ["standard", "strict"], default: "standard" },
        count: { type: "integer", minimum: 1, maximum: 5 },
        groups: { type: "array", items: { type: "string" }, maxItems: 2, "x-kubernetes-list-type": "set" },
        port: { "x-kubernetes-int-or-string": true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        named: { type: "object", additionalProperties: { type: "integer", default: 1 } },
        maybe: { type: "string", nullable: true },
      },
    },
  },
};

function faults(spec: object): string[] {
  return checkSchema({ spec }, SCHEMA).map(({ field, message }) => `${field}: ${message}`);
}

describe("checkSchema", () => {
  test("a fitting object has no faults", () => {
    expect(
      faults({ subnet: "subnet-1", mode: "strict", count: 5, groups: ["a"], port: "http", free: { x: [1] }, named: { a: 3 }, maybe: null }),
    ).toEqual([]);
  });

  test.each([
    [{}, "spec.subnet: Required value"],
    [{ subnet: 5 }, 'spec.subnet: Invalid value: "integer": spec.subnet in body must be of type string: "integer"'],
    [{ subnet: "net" }, `spec.subnet: Invalid value: "net": spec.subnet in body should match '^subnet-'`],
    [{ subnet: "subnet-1", mode: "lax" }, 'spec.mode: Unsupported value: "lax": supported values: "standard", "strict"'],
    [{ subnet: "subnet-1", count: 0 }, "spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1"],
    [{ subnet: "subnet-1", count: 1.5 }, 'spec.count: Invalid value: "number": spec.count in body must be of type integer: "number"'],
    [{ subnet: "subnet-1", groups: ["a", "b", "c"] }, "spec.groups: Too many: 3: must have at most 2 items"],
    [{ subnet: "subnet-1", groups: ["a", "a"] }, 'spec.groups[1]: Duplicate value: "a"'],
    [
      { subnet: "subnet-1", port: true },
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ],
    [
      { subnet: "subnet-1", named: { a: "x" } },
      'spec.named.a: Invalid value: "string": spec.named.a in body must be of type integer: "string"',
    ],
  ])("%j: %s", (spec, wanted) => {
    expect(faults(spec)).toEqual([wanted]);
  });
});

test("prune leaves out and names what the schema does not have", () => {
  const object = {
    apiVersion: "v1",
    kind: "K",
    metadata: { name: "x" },
    spec: { subnet: "s", extra: 1, free: { any: { thing: 1 } } },
    odd: true,
  };
  expect(prune(object, SCHEMA)).toEqual({
    value: { apiVersion: "v1", kind: "K", metadata: { name: "x" }, spec: { subnet: "s", free: { any: { thing: 1 } } } },
    pruned: ["spec.extra", "odd"],
  });
});

test("defaults fill what is missing, also under free names", () => {
  expect(withDefaults({ spec: { subnet: "s" } }, SCHEMA)).toEqual({ spec: { subnet: "s", mode: "standard" } });
  expect(withDefaults({ spec: { mode: "strict" } }, SCHEMA)).toEqual({ spec: { mode: "strict" } });
});

test.each([
  ["100m", 0.1],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["2e3", 2000],
  ["7", 7],
  [3, 3],
  ["", undefined],
  ["1 Gi", undefined],
  ["1kb", undefined],
])("the quantity %j is %s", (text, wanted) => {
  expect(parseQuantity(text)).toBe(wanted);
});
