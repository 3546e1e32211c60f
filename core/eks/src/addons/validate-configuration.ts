import { Validator, type OutputUnit } from "@cfworker/json-schema";
import { configurationSchemaOf } from "./schemas.ts";

const validators = new Map<string, Validator>();

/**
 * What is wrong with an add-on's configuration, in the words EKS's validator has: `$.env.FOO: is not defined in the schema and the schema does not
 * allow additional properties`. Empty when nothing is.
 * @param values the configuration as data
 */
export function configurationFaults(addonName: string, values: unknown): readonly string[] {
  const schema = configurationSchemaOf(addonName);
  if (schema === undefined) return [`$: ${addonName} takes no configuration`];
  const validator = validators.get(addonName) ?? new Validator(schema, "7", false);
  validators.set(addonName, validator);
  const { errors } = validator.validate(values);
  return [...new Set(errors.flatMap((unit) => faultOf(unit, values) ?? []))].toSorted();
}

/** One of the validator's findings; those that only lead to another one say nothing. */
function faultOf({ keyword, instanceLocation, error }: OutputUnit, values: unknown): string | undefined {
  const at = pathText(instanceLocation);
  switch (keyword) {
    case "false":
      return `${at}: is not defined in the schema and the schema does not allow additional properties`;
    case "additionalProperties":
    case "properties":
    case "items":
    case "$ref":
      return undefined;
    case "type":
      return `${at}: ${typeName(valueAt(values, instanceLocation))} found, ${expectedOf(error)} expected`;
    case "enum":
      return `${at}: does not have a value in the enumeration ${error.replace(/^[^[]*/, "")}`;
    case "required":
      return `${at}.${/"([^"]*)"/.exec(error)?.[1] ?? ""}: is missing but it is required`;
    case "minimum":
      return `${at}: must have a minimum value of ${/(\d+)\.?$/.exec(error)?.[1] ?? ""}`;
    case "minProperties":
      return `${at}: should have a minimum of 1 properties`;
    default:
      return `${at}: ${error}`;
  }
}

/** `#/env/FOO` as `$.env.FOO`. */
function pathText(pointer: string): string {
  return ["$", ...segmentsOf(pointer)].reduce((path, segment) => (/^\d+$/.test(segment) ? `${path}[${segment}]` : `${path}.${segment}`));
}

function segmentsOf(pointer: string): readonly string[] {
  return pointer
    .replace(/^#\/?/, "")
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => decodeURIComponent(segment).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(values: unknown, pointer: string): unknown {
  let value = values;
  for (const segment of segmentsOf(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[segment];
  }
  return value;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** The types a finding asks for: `Instance type "number" is invalid. Expected "string".` */
function expectedOf(error: string): string {
  const expected = [...error.replace(/^.*Expected/, "").matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  return expected.length > 1 ? `[${expected.join(", ")}]` : (expected[0] ?? "another type");
}
