import { mergeOfKind, type PatchFields } from "@slash28/kube-store";
import { expect, test } from "vitest";

import { BUILTIN_RESOURCES } from "../../../src/kubernetes/api-server/resources/builtin-resources.ts";
import { apiVersionOf } from "../../../src/kubernetes/api-server/resources/resource-definition.ts";
import { knownType, typeNameOf, type FieldType } from "../../../src/kubernetes/api-server/types/known-types.ts";
import { patchFieldsOf } from "../../../src/kubernetes/api-server/types/patch-types.ts";

/** Every merge key at or below a type, by its path. Types within themselves are followed once. */
function keysOf(typeName: string, fields: PatchFields, path = "", seen: readonly string[] = []): readonly string[] {
  if (seen.includes(typeName)) return [];
  return [...(knownType(typeName)?.byName ?? [])].flatMap(([name, { type }]) => {
    const { key, inner } = fields(name);
    const here = `${path}.${name}`;
    const below = messageIn(type);
    const keys = below === undefined ? [] : keysOf(below, inner, here, [...seen, typeName]);
    return key === undefined ? keys : [`${here} by ${key}`, ...keys];
  });
}

function messageIn(type: FieldType): string | undefined {
  if (type.kind === "message") return type.name;
  return type.kind === "list" || type.kind === "map" ? messageIn(type.of) : undefined;
}

test("the merge keys known without the schema are the published ones", () => {
  for (const kind of ["Pod", "Node", "Service", "Deployment", "DaemonSet"]) {
    const definition = BUILTIN_RESOURCES.find((one) => one.kind === kind);
    const typeName = definition === undefined ? undefined : typeNameOf(apiVersionOf(definition), kind);
    if (definition === undefined || typeName === undefined) throw new Error(`${kind} is not served`);
    const published = keysOf(typeName, patchFieldsOf(definition));
    expect(published.length).toBeGreaterThan(3);
    const known = keysOf(typeName, mergeOfKind(kind));
    expect(known.filter((key) => !published.includes(key))).toEqual([]);
  }
});
