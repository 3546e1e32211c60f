import { isFields, listOf, own, textOf } from "../fields.ts";
import { propertiesOf, schemaOf, type StructuralSchema } from "../structural-schema.ts";
import { LEAF_TYPE, OPEN_TYPE, openField, type FieldType, type MergeType } from "./merge-type.ts";

const known = new WeakMap<StructuralSchema, MergeType>();

/** How values of a custom resource's schema merge: by its list and map types; lists without one are atomic. */
export function mergeTypeOfSchema(schema: StructuralSchema): MergeType {
  const cached = known.get(schema);
  if (cached !== undefined) return cached;
  const made = makeType(schema);
  known.set(schema, made);
  return made;
}

function makeType(schema: StructuralSchema): MergeType {
  if (schema["x-kubernetes-int-or-string"] === true) return LEAF_TYPE;
  switch (textOf(schema["type"])) {
    case "object":
      return objectType(schema);
    case "array":
      return listType(schema);
    case undefined:
      return schema["x-kubernetes-preserve-unknown-fields"] === true ? OPEN_TYPE : LEAF_TYPE;
    default:
      return LEAF_TYPE;
  }
}

function listType(schema: StructuralSchema): MergeType {
  const items = schemaOf(schema, "items") ?? {};
  switch (textOf(schema["x-kubernetes-list-type"])) {
    case "set":
      return { form: "set" };
    case "map": {
      const properties = propertiesOf(items);
      const keys = listOf(schema["x-kubernetes-list-map-keys"]).map((name) => ({
        name: String(name),
        missing: properties[String(name)]?.["default"],
      }));
      return { form: "items", keys, item: () => mergeTypeOfSchema(items) };
    }
    default:
      return LEAF_TYPE;
  }
}

function objectType(schema: StructuralSchema): MergeType {
  if (schema["x-kubernetes-map-type"] === "atomic") return LEAF_TYPE;
  const properties = propertiesOf(schema);
  const others = schemaOf(schema, "additionalProperties");
  return {
    form: "map",
    field(name): FieldType {
      const property = own(properties, name);
      if (isFields(property)) return { type: mergeTypeOfSchema(property), isNamed: true };
      if (others !== undefined) return { type: mergeTypeOfSchema(others), isNamed: false };
      return openField(name);
    },
  };
}

/** An object's own type around that of its fields: its metadata is that of every Kubernetes object. */
export function withMetadata(type: MergeType, metadata: MergeType): MergeType {
  const field = type.form === "map" ? type.field : openField;
  return {
    form: "map",
    field(name) {
      if (name === "metadata") return { type: metadata, isNamed: true, isAlways: true };
      return name === "apiVersion" || name === "kind" ? { type: LEAF_TYPE, isNamed: true } : field(name);
    },
  };
}
