import type { FieldMerge, PatchFields } from "@slash28/kube-store";

import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { knownType, typeNameOf, type FieldType, type KnownField } from "./known-types.ts";

const NO_KEYS: PatchFields = () => ({ inner: NO_KEYS });
const byName = new Map<string, PatchFields>();

/** How a strategic merge patch treats the fields of objects of this type, by its published patch strategies and merge keys. */
export function patchFieldsOf(definition: ResourceDefinition): PatchFields {
  const name = typeNameOf(apiVersionOf(definition), definition.kind);
  return name === undefined ? NO_KEYS : patchFieldsOfKnown(name);
}

function patchFieldsOfKnown(name: string): PatchFields {
  const cached = byName.get(name);
  if (cached !== undefined) return cached;
  const fields = new Map<string, FieldMerge>();
  const made: PatchFields = (field) => {
    const known = fields.get(field);
    if (known !== undefined) return known;
    const described = knownType(name)?.byName.get(field);
    const merge = described === undefined ? { inner: NO_KEYS } : mergeOf(described);
    fields.set(field, merge);
    return merge;
  };
  byName.set(name, made);
  return made;
}

function mergeOf({ type, patching }: KnownField): FieldMerge {
  return { key: patching.key, inner: fieldsBelow(type) };
}

function fieldsBelow(type: FieldType): PatchFields {
  switch (type.kind) {
    case "message":
      return patchFieldsOfKnown(type.name);
    case "list":
      return fieldsBelow(type.of);
    case "map": {
      const below = fieldsBelow(type.of);
      return () => ({ inner: below });
    }
    default:
      return NO_KEYS;
  }
}
