import { describe, expect, test } from "vitest";

import { checkRules, checkRuleTexts } from "../../../src/kubernetes/api-server/admission/check-rules.ts";

const SCHEMA = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      "x-kubernetes-validations": [
        { rule: "self.min <= self.max", message: "min must not be above max" },
        { rule: "!has(self.name) || self.name.matches('^[a-z]+$')", fieldPath: ".name", messageExpression: "'not a name: ' + self.name" },
      ],
      properties: {
        min: { type: "integer" },
        max: { type: "integer" },
        name: { type: "string" },
        zone: {
          type: "string",
          "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "zone is immutable", reason: "FieldValueForbidden" }],
        },
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            "x-kubernetes-validations": [{ rule: "self.port >= oldSelf.port" }],
            properties: { name: { type: "string" }, port: { type: "integer" } },
          },
        },
        share: { type: "number", "x-kubernetes-validations": [{ rule: "self < 0.5" }] },
      },
    },
  },
};

function said(spec: object, before?: object): readonly string[] {
  const errors = checkRules({ spec }, before === undefined ? undefined : { spec: before }, SCHEMA);
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

describe("CEL rules of a schema", () => {
  test("hold or are told with their message", () => {
    expect(said({ min: 1, max: 2, share: 0.25 })).toEqual([]);
    expect(said({ min: 3, max: 2, name: "A" })).toEqual([
      'spec: Invalid value: "object": min must not be above max',
      'spec.name: Invalid value: "object": not a name: A',
    ]);
    expect(said({ min: 1, max: 2, share: 1 })).toEqual(['spec.share: Invalid value: "number": failed rule: self < 0.5']);
  });

  test("about changes say nothing of what is new", () => {
    expect(said({ min: 1, max: 2, zone: "a" })).toEqual([]);
    expect(said({ min: 1, max: 2, zone: "b" }, { min: 1, max: 2, zone: "a" })).toEqual(["spec.zone: Forbidden: zone is immutable"]);
    const ports = (port: number, name = "http"): object => ({
      min: 1,
      max: 2,
      ports: [
        { name: "other", port: 9 },
        { name, port },
      ],
    });
    expect(said(ports(79), ports(80))).toEqual(['spec.ports[1]: Invalid value: "object": failed rule: self.port >= oldSelf.port']);
    expect(said(ports(79, "new"), ports(80))).toEqual([]);
  });

  test("that cannot be evaluated are told, and those that are no CEL refused with their definition", () => {
    expect(said({ min: 1 })[0]).toMatch(/^spec: Invalid value: "object": rule evaluation error: /);
    const errors = checkRuleTexts({ type: "object", properties: { a: { "x-kubernetes-validations": [{ rule: "self +" }] } } }, "schema");
    expect(errors.map(({ field }) => field)).toEqual(["schema.properties[a].x-kubernetes-validations[0].rule"]);
  });
});
