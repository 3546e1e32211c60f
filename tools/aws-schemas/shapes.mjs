/** Cuts operations, and the structures they reach, out of an SDK client: what every protocol has in common. */
import { NormalizedSchema } from "@smithy/core/schema";

const OPERATION = 9;
const byName = (a, b) => (a < b ? -1 : 1);

/**
 * What a protocol adds of its own.
 * @typedef {object} ProtocolRules
 * @property {(schema: NormalizedSchema, where: string) => string} scalar the name of a type that is no structure, list or map
 * @property {(item: NormalizedSchema) => object} listFields more fields of a list
 * @property {(member: string, traits: object, where: string) => object} memberFields more fields of a member; throws at what the codec does not know
 * @property {(operation: readonly unknown[]) => object} operationFields more fields of an operation
 */

/** The name of a type that is no structure, list or map. */
export function scalar(schema, where) {
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  if (schema.isTimestampSchema()) return "timestamp";
  if (schema.isBlobSchema()) return "blob";
  if (schema.isStringSchema()) return "string";
  throw new Error(`${where} has a type this script does not know: ${String(schema.getSchema())}`);
}

/** Collects the structures an operation reaches, by name, into `shapes`. */
function shapeCollector(rules, shapes) {
  const typeOf = (schema, where) => {
    if (schema.isStructSchema()) return { struct: collect(schema) };
    if (schema.isListSchema()) {
      const item = schema.getValueSchema();
      return { list: typeOf(item, where), ...rules.listFields(item) };
    }
    if (schema.isMapSchema()) return { map: typeOf(schema.getValueSchema(), where) };
    return rules.scalar(schema, where);
  };
  const collect = (schema) => {
    const name = schema.getName(false).replace(/^.*#/, "");
    if (name in shapes) return name;
    const shape = { members: {} };
    shapes[name] = shape;
    const requiredCount = schema.getSchema()[6] ?? 0;
    let index = 0;
    for (const [member, memberSchema] of schema.structIterator()) {
      const where = `${name}.${member}`;
      const own = rules.memberFields(member, memberSchema.getMergedTraits(), where);
      shape.members[member] = { type: typeOf(memberSchema, where), ...own, ...(index < requiredCount ? { required: true } : {}) };
      index += 1;
    }
    return name;
  };
  return collect;
}

function resolved(schema) {
  return NormalizedSchema.of(typeof schema === "function" ? schema() : schema);
}

/**
 * The operations named, the structures they reach, and the SDK's other operations by name.
 * @param {ProtocolRules} rules
 * @param {{ withInputs: boolean }} options a client that writes its requests by hand needs no inputs
 */
export function cutOut(sdk, names, rules, { withInputs }) {
  const shapes = {};
  const collect = shapeCollector(rules, shapes);
  const operations = {};
  for (const name of names) {
    const operation = sdk[`${name}$`];
    if (!Array.isArray(operation) || operation[0] !== OPERATION) throw new Error(`the SDK has no operation ${name}`);
    const input = resolved(operation[4]);
    const output = resolved(operation[5]);
    operations[name] = {
      ...rules.operationFields(operation),
      ...(!withInputs || input.isUnitSchema() ? {} : { input: collect(input) }),
      ...(output.isUnitSchema() ? {} : { output: collect(output) }),
    };
  }
  const others = Object.values(sdk)
    .filter((value) => Array.isArray(value) && value[0] === OPERATION && !(value[2] in operations))
    .sort((a, b) => byName(a[2], b[2]));
  const sorted = Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => byName(a, b)));
  return { operations, shapes: sorted, others };
}
