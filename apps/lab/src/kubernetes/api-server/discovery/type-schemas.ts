import { knownType, type FieldType, type KnownField } from "../types/known-types.ts";

type Schema = Readonly<Record<string, unknown>>;

/** What the API says of its types and fields, by `core.v1.PodSpec` and `core.v1.PodSpec.volumes`. */
export type Descriptions = Readonly<Record<string, string>>;

/** The published descriptions; read when they are first wanted. */
export async function readDescriptions(): Promise<Descriptions> {
  return (await import("../generated/kubernetes-docs.json", { with: { type: "json" } })).default;
}

/** `core.v1.PodSpec` → `io.k8s.api.core.v1.PodSpec`. */
export function schemaNameOf(typeName: string): string {
  if (typeName.startsWith("meta.")) return `io.k8s.apimachinery.pkg.apis.${typeName}`;
  return typeName.startsWith("apiextensions.") ? `io.k8s.apiextensions-apiserver.pkg.apis.${typeName}` : `io.k8s.api.${typeName}`;
}

/** Puts a type and all it consists of into `into`. */
export function collectSchemas(typeName: string, into: Map<string, Schema>, descriptions: Descriptions): void {
  const name = schemaNameOf(typeName);
  const type = knownType(typeName);
  if (into.has(name) || type === undefined) return;
  into.set(name, {});
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const { field, owner } of fieldsOf(typeName)) {
    if (field.isRequired) required.push(field.name);
    properties[field.name] = {
      ...described(descriptions[`${owner}.${field.name}`]),
      ...schemaOfField(field, into, descriptions),
    };
  }
  into.set(name, { ...described(descriptions[typeName]), type: "object", ...(required.length === 0 ? {} : { required }), properties });
}

/** A type's fields with the type they are written in, which is another for inlined ones. */
function fieldsOf(typeName: string): readonly { readonly field: KnownField; readonly owner: string }[] {
  return (knownType(typeName)?.fields ?? []).flatMap((field) => {
    if (!field.isInline) return [{ field, owner: typeName }];
    return field.type.kind === "message" ? fieldsOf(field.type.name) : [];
  });
}

function described(text: string | undefined): { readonly description?: string } {
  return text === undefined ? {} : { description: text };
}

function schemaOfField(field: KnownField, into: Map<string, Schema>, descriptions: Descriptions): Schema {
  const { merging, patching, type } = field;
  const isList = type.kind === "list";
  return {
    ...schemaOfType(type, into, descriptions),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...(isList ? { "x-kubernetes-list-type": merging === "set" ? "set" : Array.isArray(merging) ? "map" : "atomic" } : {}),
    ...(isList && Array.isArray(merging) ? { "x-kubernetes-list-map-keys": merging } : {}),
    ...(!isList && merging === "whole" ? { "x-kubernetes-map-type": "atomic" } : {}),
    ...(patching.strategies.length === 0 ? {} : { "x-kubernetes-patch-strategy": patching.strategies.join(",") }),
    ...((patching.key ?? "") === "" ? {} : { "x-kubernetes-patch-merge-key": patching.key }),
  };
}

function schemaOfType(type: FieldType, into: Map<string, Schema>, descriptions: Descriptions): Schema {
  switch (type.kind) {
    case "list":
      return { type: "array", items: schemaOfType(type.of, into, descriptions) };
    case "map":
      return { type: "object", additionalProperties: schemaOfType(type.of, into, descriptions) };
    case "message":
      collectSchemas(type.name, into, descriptions);
      return { allOf: [{ $ref: `#/components/schemas/${schemaNameOf(type.name)}` }] };
    case "string":
    case "duration":
    case "quantity":
      return { type: "string" };
    case "bytes":
      return { type: "string", format: "byte" };
    case "bool":
      return { type: "boolean" };
    case "int":
      return { type: "integer" };
    case "float":
      return { type: "number" };
    case "time":
    case "micro-time":
      return { type: "string", format: "date-time" };
    case "int-or-string":
      return { type: "string", format: "int-or-string" };
    case "raw":
      return { type: "object" };
    default:
      return type satisfies never;
  }
}
