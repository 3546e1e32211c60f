import { isFields, own, type Fields } from "./fields.ts";

/** An OpenAPI v3 schema as CustomResourceDefinitions carry it; read where it is used, never rewritten. */
export type StructuralSchema = Fields;

export function propertiesOf(schema: StructuralSchema): Readonly<Record<string, StructuralSchema>> {
  const properties = schema["properties"];
  return isFields(properties) ? (properties as Readonly<Record<string, StructuralSchema>>) : {};
}

export function schemaOf(schema: StructuralSchema, name: string): StructuralSchema | undefined {
  const found = own(schema, name);
  return isFields(found) ? found : undefined;
}

function propertySchema(schema: StructuralSchema, name: string): StructuralSchema | undefined {
  const found = own(propertiesOf(schema), name);
  return isFields(found) ? found : schemaOf(schema, "additionalProperties");
}

/** Fields the schema always allows in an object that is a Kubernetes object itself. */
const OBJECT_FIELDS = ["apiVersion", "kind", "metadata"];

/** The value without fields the schema does not name, and the paths of what was left out. */
export function prune(value: unknown, schema: StructuralSchema): { readonly value: unknown; readonly pruned: readonly string[] } {
  const pruned: string[] = [];
  return { value: pruneAt(value, schema, { path: "", isObject: true, pruned }), pruned };
}

interface PruneSpot {
  readonly path: string;
  readonly isObject: boolean;
  readonly pruned: string[];
}

function pruneAt(value: unknown, schema: StructuralSchema, spot: PruneSpot): unknown {
  if (Array.isArray(value)) {
    const items = schemaOf(schema, "items");
    if (items === undefined) return value;
    return value.map((item, index) => pruneAt(item, items, inner(spot, `[${index}]`, items)));
  }
  if (!isFields(value)) return value;
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true || schema["additionalProperties"] === true;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const below = propertySchema(schema, name);
    if (spot.isObject && OBJECT_FIELDS.includes(name)) kept[name] = field;
    else if (below !== undefined) kept[name] = pruneAt(field, below, inner(spot, spot.path === "" ? name : `.${name}`, below));
    else if (keepsUnknown) kept[name] = field;
    else spot.pruned.push(spot.path === "" ? name : `${spot.path}.${name}`);
  }
  return kept;
}

function inner(spot: PruneSpot, step: string, schema: StructuralSchema): PruneSpot {
  return { path: spot.path + step, isObject: schema["x-kubernetes-embedded-resource"] === true, pruned: spot.pruned };
}

/** The value with the schema's defaults put where fields are missing. */
export function withDefaults(value: unknown, schema: StructuralSchema): unknown {
  if (Array.isArray(value)) {
    const items = schemaOf(schema, "items");
    return items === undefined ? value : value.map((item) => withDefaults(item, items));
  }
  if (!isFields(value)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const given = own(filled, name);
    const isUnset = given === undefined || (given === null && property["nullable"] !== true);
    if (isUnset && property["default"] !== undefined) filled[name] = withDefaults(property["default"], property);
    else if (given !== undefined) filled[name] = withDefaults(given, property);
  }
  const others = schemaOf(schema, "additionalProperties");
  if (others !== undefined) {
    for (const name of Object.keys(filled))
      if (!Object.hasOwn(propertiesOf(schema), name)) filled[name] = withDefaults(filled[name], others);
  }
  return filled;
}
