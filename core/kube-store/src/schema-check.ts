import { duplicate, invalidValue, notSupported, required, type FieldError } from "./failure.ts";
import { isFields, listOf, numberOf, own, sameJson, textOf, type Fields } from "./fields.ts";
import { propertiesOf, schemaOf, type StructuralSchema } from "./structural-schema.ts";

/** Everything about a value that its schema does not allow, worded as the API server words it. */
export function checkSchema(value: unknown, schema: StructuralSchema, path = ""): readonly FieldError[] {
  if (value === null && schema["nullable"] === true) return [];
  const typeErrors = checkType(value, schema, path);
  if (typeErrors.length > 0) return typeErrors;
  return [
    ...checkEnum(value, schema, path),
    ...checkCombinations(value, schema, path),
    ...(typeof value === "string" ? checkText(value, schema, path) : []),
    ...(typeof value === "number" ? checkNumber(value, schema, path) : []),
    ...(Array.isArray(value) ? checkList(value, schema, path) : []),
    ...(isFields(value) ? checkFields(value, schema, path) : []),
  ];
}

function checkType(value: unknown, schema: StructuralSchema, path: string): readonly FieldError[] {
  if (schema["x-kubernetes-int-or-string"] === true) {
    return typeof value === "string" || Number.isInteger(value) ? [] : [wrongType(path, value, "integer,string")];
  }
  const type = textOf(schema["type"]);
  return type === undefined || typesOf(value).includes(type) ? [] : [wrongType(path, value, type)];
}

function typesOf(value: unknown): readonly string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  if (typeof value === "number") return Number.isInteger(value) ? ["integer", "number"] : ["number"];
  return [typeof value];
}

function wrongType(path: string, value: unknown, type: string): FieldError {
  const found = typesOf(value)[0] ?? "null";
  const where = path === "" ? "<nil>" : path;
  return {
    field: where,
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: ${JSON.stringify(found)}: ${path} in body must be of type ${type}: ${JSON.stringify(found)}`,
  };
}

function checkEnum(value: unknown, schema: StructuralSchema, path: string): readonly FieldError[] {
  const allowed = schema["enum"];
  if (!Array.isArray(allowed) || allowed.some((item) => sameJson(item, value))) return [];
  return [notSupported(path, value, allowed.map(String))];
}

function checkCombinations(value: unknown, schema: StructuralSchema, path: string): readonly FieldError[] {
  const errors = listOf(schema["allOf"]).flatMap((part) => (isFields(part) ? checkSchema(value, part, path) : []));
  const fits = (part: unknown): boolean => isFields(part) && checkSchema(value, part, path).length === 0;
  const any = listOf(schema["anyOf"]);
  if (any.length > 0 && !any.some(fits)) errors.push(said(path, value, "must validate at least one schema (anyOf)"));
  const one = listOf(schema["oneOf"]);
  if (one.length > 0 && one.filter(fits).length !== 1) errors.push(said(path, value, "must validate one and only one schema (oneOf)"));
  const not = schemaOf(schema, "not");
  if (not !== undefined && fits(not)) errors.push(said(path, value, "must not validate the schema (not)"));
  return errors;
}

function said(path: string, value: unknown, demand: string): FieldError {
  return invalidValue(path, value, `${path} in body ${demand}`);
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  ipv4: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/,
  cidr: /^[0-9a-fA-F.:]+\/\d{1,3}$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
  uuid: /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/,
};

function checkText(value: string, schema: StructuralSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const length = Array.from(value).length;
  const min = numberOf(schema["minLength"]);
  const max = numberOf(schema["maxLength"]);
  if (min !== undefined && length < min) errors.push(said(path, value, `should be at least ${min} chars long`));
  if (max !== undefined && length > max) {
    errors.push({ field: path, reason: "FieldValueTooLong", message: `Too long: may not be more than ${max} bytes` });
  }
  const pattern = textOf(schema["pattern"]);
  if (pattern !== undefined && !regexOf(pattern).test(value)) errors.push(said(path, value, `should match '${pattern}'`));
  const format = textOf(schema["format"]) ?? "";
  if (Object.hasOwn(FORMATS, format) && FORMATS[format]?.test(value) === false) {
    errors.push(said(path, value, `must be of type ${format}: ${JSON.stringify(value)}`));
  }
  return errors;
}

const compiled = new Map<string, RegExp>();

/** Go's and JavaScript's expressions agree on what CRDs use; one that does not compile here accepts everything. */
function regexOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  let made: RegExp;
  try {
    made = new RegExp(pattern, "u");
  } catch {
    made = /(?:)/;
  }
  compiled.set(pattern, made);
  return made;
}

function checkNumber(value: number, schema: StructuralSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const min = numberOf(schema["minimum"]);
  const max = numberOf(schema["maximum"]);
  const step = numberOf(schema["multipleOf"]);
  const above = schema["exclusiveMinimum"] === true;
  const below = schema["exclusiveMaximum"] === true;
  if (min !== undefined && (above ? value <= min : value < min)) {
    errors.push(said(path, value, `should be greater than ${above ? "" : "or equal to "}${min}`));
  }
  if (max !== undefined && (below ? value >= max : value > max)) {
    errors.push(said(path, value, `should be less than ${below ? "" : "or equal to "}${max}`));
  }
  if (step !== undefined && step > 0 && !Number.isInteger(value / step)) errors.push(said(path, value, `should be a multiple of ${step}`));
  return errors;
}

function checkList(value: readonly unknown[], schema: StructuralSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const min = numberOf(schema["minItems"]);
  const max = numberOf(schema["maxItems"]);
  if (min !== undefined && value.length < min) errors.push(said(path, value.length, `should have at least ${min} items`));
  if (max !== undefined && value.length > max) {
    errors.push({ field: path, reason: "FieldValueTooMany", message: `Too many: ${value.length}: must have at most ${max} items` });
  }
  errors.push(...checkDuplicates(value, schema, path));
  const items = schemaOf(schema, "items");
  if (items !== undefined) value.forEach((item, index) => errors.push(...checkSchema(item, items, `${path}[${index}]`)));
  return errors;
}

function checkDuplicates(value: readonly unknown[], schema: StructuralSchema, path: string): readonly FieldError[] {
  const kind = textOf(schema["x-kubernetes-list-type"]);
  if (kind !== "set" && kind !== "map") return [];
  const keys = listOf(schema["x-kubernetes-list-map-keys"]).map(String);
  const ids = value.map((item) =>
    kind === "set" ? item : Object.fromEntries(keys.map((key) => [key, isFields(item) ? own(item, key) : undefined])),
  );
  return ids.flatMap((id, index) => (ids.slice(0, index).some((other) => sameJson(id, other)) ? [duplicate(`${path}[${index}]`, id)] : []));
}

function checkFields(value: Fields, schema: StructuralSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const child = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const name of listOf(schema["required"]).map(String)) if (own(value, name) === undefined) errors.push(required(child(name)));
  const properties = propertiesOf(schema);
  const others = schemaOf(schema, "additionalProperties");
  for (const [name, field] of Object.entries(value)) {
    const below = own(properties, name) ?? others;
    if (isFields(below) && field !== undefined && !(path === "" && name === "metadata"))
      errors.push(...checkSchema(field, below, child(name)));
  }
  const size = Object.keys(value).length;
  const min = numberOf(schema["minProperties"]);
  const max = numberOf(schema["maxProperties"]);
  if (min !== undefined && size < min) errors.push(said(path, size, `should have at least ${min} properties`));
  if (max !== undefined && size > max) errors.push(said(path, size, `should have at most ${max} properties`));
  return errors;
}
