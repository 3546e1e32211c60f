/**
 * Cuts a REST-JSON service (AWS: "restJson1") out of its SDK client: routes, and the structures that the implemented operations reach.
 * The shape of the output is described by apps/lab/src/aws/rest-json/schema.ts.
 */
import { NormalizedSchema } from "@smithy/core/schema";

const OPERATION = 9;

function resolved(schema) {
  return NormalizedSchema.of(typeof schema === "function" ? schema() : schema);
}

function scalar(schema, where) {
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  if (schema.isTimestampSchema()) return "timestamp";
  if (schema.isStringSchema()) return "string";
  throw new Error(`${where} has a type this script does not know: ${String(schema.getSchema())}`);
}

/** Collects the structures an operation reaches, by name, into `shapes`. */
function shapeCollector(shapes) {
  const typeOf = (schema, where) => {
    if (schema.isStructSchema()) return { struct: collect(schema) };
    if (schema.isListSchema()) return { list: typeOf(schema.getValueSchema(), where) };
    if (schema.isMapSchema()) return { map: typeOf(schema.getValueSchema(), where) };
    return scalar(schema, where);
  };
  const collect = (schema) => {
    const name = schema.getName(false).replace(/^.*#/, "");
    if (name in shapes) return name;
    const shape = { members: {} };
    shapes[name] = shape;
    const requiredCount = schema.getSchema()[6] ?? 0;
    let index = 0;
    for (const [member, memberSchema] of schema.structIterator()) {
      const traits = memberSchema.getMergedTraits();
      if (traits.httpHeader || traits.httpPayload || traits.jsonName) throw new Error(`${name}.${member} is bound in a way not known here`);
      const entry = { type: typeOf(memberSchema, `${name}.${member}`) };
      if (traits.httpLabel) entry.in = "path";
      if (traits.httpQuery !== undefined) Object.assign(entry, { in: "query", key: traits.httpQuery });
      if (index < requiredCount) entry.required = true;
      shape.members[member] = entry;
      index += 1;
    }
    return name;
  };
  return collect;
}

const routeOf = (operation) => {
  const [method, path] = operation[3].http;
  return { method, path };
};

export function extractRestJson({ sdk, protocol }, names) {
  const shapes = {};
  const collect = shapeCollector(shapes);
  const operations = {};
  for (const name of names) {
    const operation = sdk[`${name}$`];
    if (!Array.isArray(operation) || operation[0] !== OPERATION) throw new Error(`the SDK has no operation ${name}`);
    const input = resolved(operation[4]);
    const output = resolved(operation[5]);
    operations[name] = {
      ...routeOf(operation),
      ...(input.isUnitSchema() ? {} : { input: collect(input) }),
      ...(output.isUnitSchema() ? {} : { output: collect(output) }),
    };
  }
  const otherActions = Object.values(sdk)
    .filter((value) => Array.isArray(value) && value[0] === OPERATION && !(value[2] in operations))
    .map((value) => ({ name: value[2], ...routeOf(value) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const sorted = Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { protocol, operations, shapes: sorted, otherActions };
}
