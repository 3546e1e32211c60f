import { knownType, type FieldType, type KnownField } from "../types/known-types.ts";

type Schema = Readonly<Record<string, unknown>>;

/** `core.v1.PodSpec` → `io.k8s.api.core.v1.PodSpec`. */
export function schemaNameOf(typeName: string): string {
  return typeName.startsWith("meta.") ? `io.k8s.apimachinery.pkg.apis.${typeName}` : `io.k8s.api.${typeName}`;
}

/** Puts a type and all it consists of into `into`. */
export function collectSchemas(typeName: string, into: Map<string, Schema>): void {
  const name = schemaNameOf(typeName);
  const type = knownType(typeName);
  if (into.has(name) || type === undefined) return;
  into.set(name, {});
  const properties: Record<string, Schema> = {};
  for (const [fieldName, field] of type.byName) properties[fieldName] = schemaOfField(field, into);
  into.set(name, { type: "object", properties });
}

function schemaOfField(field: KnownField, into: Map<string, Schema>): Schema {
  return schemaOfType(field.type, into);
}

function schemaOfType(type: FieldType, into: Map<string, Schema>): Schema {
  switch (type.kind) {
    case "list":
      return { type: "array", items: schemaOfType(type.of, into) };
    case "map":
      return { type: "object", additionalProperties: schemaOfType(type.of, into) };
    case "message":
      collectSchemas(type.name, into);
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
