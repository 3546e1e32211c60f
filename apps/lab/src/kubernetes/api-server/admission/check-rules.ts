import { Environment } from "@marcbachmann/cel-js";
import {
  duplicate,
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

import { compiledIn, type CelNames, type CelProgram } from "../cel/cel-program.ts";
import { celValue } from "../cel/cel-value.ts";

const RULES = "x-kubernetes-validations";
const environment = new Environment({ unlistedVariablesAreDyn: true });

const COMPILED_MAX = 1000;
const compiled = new Map<string, CelProgram>();

function compile(text: string): CelProgram {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  const made = compiledIn(environment, text);
  compiled.set(text, made);
  return made;
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
  if (program.fault !== undefined) return [invalidValue(where, typeOf(schema), `rule compile error: ${program.fault}`)];
  const context = { self: celValue(object, schema), ...(isTransition ? { oldSelf: celValue(before, schema) } : {}) };
  const result = program.run(context);
  if (!result.ok) return [invalidValue(where, typeOf(schema), `rule evaluation error: ${result.why}`)];
  return result.value === true ? [] : [broken(rule, text, where, schema, context)];
}

function broken(rule: Fields, text: string, where: string, schema: StructuralSchema, context: CelNames): FieldError {
  const message = said(textOf(rule["messageExpression"]), context) ?? textOf(rule["message"]) ?? `failed rule: ${text}`;
  switch (textOf(rule["reason"])) {
    case "FieldValueForbidden":
      return forbiddenField(where, message);
    case "FieldValueRequired":
      return { field: where, reason: "FieldValueRequired", message: `Required value: ${message}` };
    case "FieldValueDuplicate":
      return duplicate(where, typeOf(schema));
    default:
      return invalidValue(where, typeOf(schema), message);
  }
}

function said(expression: string | undefined, context: CelNames): string | undefined {
  const result = expression === undefined ? undefined : compile(expression).run(context);
  return result?.ok === true ? textOf(result.value) : undefined;
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

/** Rules of a new CustomResourceDefinition that are no CEL. `path` leads to the schema. */
export function checkRuleTexts(schema: unknown, path: string): readonly FieldError[] {
  if (!isFields(schema)) return [];
  const own = listOf(schema[RULES]).flatMap((rule, index) => {
    const text = textOf(isFields(rule) ? rule["rule"] : undefined) ?? "";
    const { fault } = compile(text);
    return fault === undefined ? [] : [invalidValue(`${path}.${RULES}[${index}].rule`, text, `compilation failed: ${fault}`)];
  });
  const below = Object.entries(propertiesOf(schema)).flatMap(([name, property]) => checkRuleTexts(property, `${path}.properties[${name}]`));
  const inner = ["items", "additionalProperties"].flatMap((name) => checkRuleTexts(schema[name], `${path}.${name}`));
  return [...own, ...below, ...inner];
}
