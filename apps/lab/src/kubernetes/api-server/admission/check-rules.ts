import { Environment } from "@marcbachmann/cel-js";
import {
  forbiddenField,
  invalidValue,
  isFields,
  listOf,
  own,
  propertiesOf,
  schemaOf,
  textOf,
  type FieldError,
  type Fields,
  type StructuralSchema,
} from "@slash28/kube-store";

const RULES = "x-kubernetes-validations";
const environment = new Environment({ unlistedVariablesAreDyn: true });

type Program = (context: Record<string, unknown>) => unknown;
type Compiled = { readonly ok: true; readonly run: Program } | { readonly ok: false; readonly why: string };

const COMPILED_MAX = 1000;
const compiled = new Map<string, Compiled>();

function compile(text: string): Compiled {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  let made: Compiled;
  try {
    made = { ok: true, run: environment.parse(text) as unknown as Program };
  } catch (error) {
    made = { ok: false, why: firstLine(error) };
  }
  compiled.set(text, made);
  return made;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

/** What the CEL rules of a schema (`x-kubernetes-validations`) say against an object; `before` is what an update replaces. */
export function checkRules(object: unknown, before: unknown, schema: StructuralSchema, path = ""): readonly FieldError[] {
  if (object === undefined || object === null) return [];
  const rules = listOf(schema[RULES]).filter(isFields);
  const errors = rules.flatMap((rule) => checkRule(rule, { object, before, schema, path }));
  return [...errors, ...checkBelow(object, before, schema, path)];
}

interface Spot {
  readonly object: unknown;
  readonly before: unknown;
  readonly schema: StructuralSchema;
  readonly path: string;
}

function checkRule(rule: Fields, { object, before, schema, path }: Spot): readonly FieldError[] {
  const text = textOf(rule["rule"]) ?? "";
  const isTransition = /\boldSelf\b/.test(text);
  // A rule about a change has nothing to say of what is new.
  if (isTransition && before === undefined && rule["optionalOldSelf"] !== true) return [];
  const program = compile(text);
  const where = `${path}${textOf(rule["fieldPath"]) ?? ""}`.replace(/^\./, "") || "<nil>";
  if (!program.ok) return [invalidValue(where, typeOf(schema), `rule compile error: ${program.why}`)];
  const context = { self: celValue(object, schema), ...(isTransition ? { oldSelf: celValue(before, schema) } : {}) };
  try {
    return program.run(context) === true ? [] : [broken(rule, text, where, schema, context)];
  } catch (error) {
    return [invalidValue(where, typeOf(schema), `rule evaluation error: ${firstLine(error)}`)];
  }
}

function broken(rule: Fields, text: string, where: string, schema: StructuralSchema, context: Record<string, unknown>): FieldError {
  const message = said(textOf(rule["messageExpression"]), context) ?? textOf(rule["message"]) ?? `failed rule: ${text}`;
  switch (textOf(rule["reason"])) {
    case "FieldValueForbidden":
      return forbiddenField(where, message);
    case "FieldValueRequired":
      return { field: where, reason: "FieldValueRequired", message: `Required value: ${message}` };
    case "FieldValueDuplicate":
      return { field: where, reason: "FieldValueDuplicate", message: `Duplicate value: ${JSON.stringify(typeOf(schema))}` };
    default:
      return invalidValue(where, typeOf(schema), message);
  }
}

function said(expression: string | undefined, context: Record<string, unknown>): string | undefined {
  if (expression === undefined) return undefined;
  const program = compile(expression);
  try {
    return program.ok ? textOf(program.run(context)) : undefined;
  } catch {
    return undefined;
  }
}

function typeOf(schema: StructuralSchema): string {
  return textOf(schema["type"]) ?? "object";
}

function checkBelow(object: unknown, before: unknown, schema: StructuralSchema, path: string): readonly FieldError[] {
  if (Array.isArray(object)) return checkItems(object, before, schema, path);
  if (!isFields(object)) return [];
  const properties = propertiesOf(schema);
  const others = schemaOf(schema, "additionalProperties");
  return Object.entries(object).flatMap(([name, value]) => {
    const below = own(properties, name) ?? others;
    const was = isFields(before) ? own(before, name) : undefined;
    return isFields(below) ? checkRules(value, was, below, path === "" ? name : `${path}.${name}`) : [];
  });
}

/** Items of a list with keys are compared with what they were; those of other lists have no past. */
function checkItems(list: readonly unknown[], before: unknown, schema: StructuralSchema, path: string): readonly FieldError[] {
  const items = schemaOf(schema, "items");
  if (items === undefined) return [];
  const keys = schema["x-kubernetes-list-type"] === "map" ? listOf(schema["x-kubernetes-list-map-keys"]).map(String) : [];
  const idOf = (item: unknown): string => JSON.stringify(keys.map((key) => (isFields(item) ? own(item, key) : undefined)));
  return list.flatMap((item, index) => {
    const was = keys.length === 0 ? undefined : listOf(before).find((other) => idOf(other) === idOf(item));
    return checkRules(item, was, items, `${path}[${index}]`);
  });
}

/** A value as CEL has it: whole numbers are of another type than fractions, moments than texts. */
function celValue(value: unknown, schema: StructuralSchema | undefined): unknown {
  if (Array.isArray(value)) {
    const items = schema === undefined ? undefined : schemaOf(schema, "items");
    return value.map((item: unknown) => celValue(item, items));
  }
  if (isFields(value)) {
    const properties = schema === undefined ? {} : propertiesOf(schema);
    const others = schema === undefined ? undefined : schemaOf(schema, "additionalProperties");
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(
      entries.map(([name, field]) => {
        const below = own(properties, name);
        return [name, celValue(field, isFields(below) ? below : others)];
      }),
    );
  }
  if (typeof value === "number") return schema?.["type"] !== "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "string" && schema?.["format"] === "date-time") {
    const moment = new Date(value);
    return Number.isNaN(moment.getTime()) ? value : moment;
  }
  return value;
}

/** Rules of a new CustomResourceDefinition that are no CEL. `path` leads to the schema. */
export function checkRuleTexts(schema: unknown, path: string): readonly FieldError[] {
  if (!isFields(schema)) return [];
  const own = listOf(schema[RULES]).flatMap((rule, index) => {
    const text = textOf(isFields(rule) ? rule["rule"] : undefined) ?? "";
    const program = compile(text);
    return program.ok ? [] : [invalidValue(`${path}.${RULES}[${index}].rule`, text, `compilation failed: ${program.why}`)];
  });
  const below = Object.entries(propertiesOf(schema)).flatMap(([name, property]) => checkRuleTexts(property, `${path}.properties[${name}]`));
  const inner = ["items", "additionalProperties"].flatMap((name) => checkRuleTexts(schema[name], `${path}.${name}`));
  return [...own, ...below, ...inner];
}
