import { LEAF_TYPE, mergeTypeOfSchema, OPEN_TYPE, withMetadata, type FieldType as MergeField, type MergeType } from "@slash28/kube-store";

import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { knownType, typeNameOf, type FieldType, type KnownField, type KnownType } from "./known-types.ts";

const byName = new Map<string, MergeType>();
const OBJECT_META = "meta.v1.ObjectMeta";
const UNKNOWN: MergeField = { type: OPEN_TYPE, isNamed: false };

/** How objects of this type merge, for server-side apply and for owners of fields. */
export function mergeTypeOf(definition: ResourceDefinition): MergeType {
  if (definition.custom !== undefined) return withMetadata(mergeTypeOfSchema(definition.custom.schema), mergeTypeOfKnown(OBJECT_META));
  const name = typeNameOf(storedVersionOf(definition), definition.kind);
  const own = name === undefined ? OPEN_TYPE : mergeTypeOfKnown(name);
  return name === undefined ? withMetadata(own, mergeTypeOfKnown(OBJECT_META)) : withTypeMeta(name, own);
}

/** Versions that show the stored object in another form own the fields of the stored one. */
function storedVersionOf(definition: ResourceDefinition): string {
  return definition.shape === undefined ? apiVersionOf(definition) : "v1";
}

const whole = new Map<string, MergeType>();

function withTypeMeta(name: string, own: MergeType): MergeType {
  const known = whole.get(name);
  if (known !== undefined) return known;
  const made = withMetadata(own, mergeTypeOfKnown(OBJECT_META));
  whole.set(name, made);
  return made;
}

/** How values of a built-in type merge, by its name in the table. */
function mergeTypeOfKnown(name: string): MergeType {
  const cached = byName.get(name);
  if (cached !== undefined) return cached;
  const type = knownType(name);
  const made: MergeType = type === undefined ? OPEN_TYPE : { form: "map", field: fieldsOfType(type) };
  byName.set(name, made);
  return made;
}

function fieldsOfType(type: KnownType): (name: string) => MergeField {
  const made = new Map<string, MergeField>();
  return (name) => {
    const cached = made.get(name);
    if (cached !== undefined) return cached;
    const known = type.byName.get(name);
    if (known === undefined) return UNKNOWN;
    const isAlways = known.type.kind === "message" && !known.isOptional;
    const field: MergeField = { type: typeOfField(known), isNamed: true, ...(isAlways ? { isAlways } : {}) };
    made.set(name, field);
    return field;
  };
}

function typeOfField({ type, merging }: KnownField): MergeType {
  if (merging === "whole") return LEAF_TYPE;
  if (type.kind !== "list") return mergeTypeOfValue(type);
  if (merging === "set") return { form: "set" };
  if (merging === undefined) return LEAF_TYPE;
  const item = type.of.kind === "message" ? type.of.name : undefined;
  const known = item === undefined ? undefined : knownType(item);
  return {
    form: "items",
    keys: merging.map((name) => ({ name, missing: known?.byName.get(name)?.default })),
    item: () => (item === undefined ? LEAF_TYPE : mergeTypeOfKnown(item)),
  };
}

function mergeTypeOfValue(type: FieldType): MergeType {
  switch (type.kind) {
    case "message":
      return mergeTypeOfKnown(type.name);
    case "map": {
      const below = mergeTypeOfValue(type.of);
      return { form: "map", field: () => ({ type: below, isNamed: false }) };
    }
    default:
      return LEAF_TYPE;
  }
}
