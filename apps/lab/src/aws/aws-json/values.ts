import { AwsError } from "../aws-error.ts";
import { shapeNamed, type ServiceSchema, type WireScalar, type WireType } from "../wire/schema.ts";

/** How a protocol writes what JSON has no form for. */
export interface ValueForm {
  readonly writeTime: (at: Date) => unknown;
  readonly readTime: (value: unknown) => Date | undefined;
}

/** AWS JSON: times are seconds since the epoch. */
export const JSON_FORM: ValueForm = {
  writeTime: (at) => at.getTime() / 1000,
  readTime: (value) => (typeof value === "number" && Number.isFinite(value) ? new Date(value * 1000) : undefined),
};

const DEPTH_MAX = 32;

/**
 * Reads an operation's input out of decoded JSON or CBOR; members the model does not know are ignored, as AWS ignores them.
 * @throws {AwsError} `SerializationException` or `MissingParameter`
 */
export function readInput(
  schema: ServiceSchema,
  shape: string | undefined,
  value: unknown,
  form: ValueForm,
): Readonly<Record<string, unknown>> {
  if (shape === undefined) return {};
  return struct(schema, shape, value ?? {}, { form, path: "", depth: 0 });
}

interface Where {
  readonly form: ValueForm;
  readonly path: string;
  readonly depth: number;
}

function struct(schema: ServiceSchema, name: string, value: unknown, where: Where): Record<string, unknown> {
  if (!isRecord(value)) throw wrong(where.path, "an object");
  const out: Record<string, unknown> = {};
  for (const [member, { type, required }] of Object.entries(shapeNamed(schema, name).members)) {
    const given = Object.hasOwn(value, member) ? value[member] : undefined;
    const path = where.path === "" ? member : `${where.path}.${member}`;
    if (given !== undefined && given !== null) out[member] = read(schema, type, given, { ...where, path, depth: where.depth + 1 });
    else if (required) throw new AwsError("MissingParameter", `The request must contain the parameter ${path}`);
  }
  return out;
}

function read(schema: ServiceSchema, type: WireType, value: unknown, where: Where): unknown {
  if (where.depth > DEPTH_MAX) throw wrong(where.path, "nested less deeply");
  if (typeof type !== "string") {
    if ("struct" in type) return struct(schema, type.struct, value, where);
    if ("map" in type) {
      if (!isRecord(value)) throw wrong(where.path, "an object");
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, read(schema, type.map, item, { ...where, depth: where.depth + 1 })]),
      );
    }
    if (!Array.isArray(value)) throw wrong(where.path, "a list");
    return value.map((item: unknown, index) =>
      read(schema, type.list, item, { ...where, path: `${where.path}.${index + 1}`, depth: where.depth + 1 }),
    );
  }
  return scalar(type, value, where);
}

function scalar(type: WireScalar, value: unknown, where: Where): unknown {
  switch (type) {
    case "string":
    case "boolean":
      if (typeof value !== type) throw wrong(where.path, `a ${type}`);
      return value;
    case "number": {
      const number = typeof value === "bigint" ? Number(value) : value;
      if (typeof number !== "number" || !Number.isFinite(number)) throw wrong(where.path, "a number");
      return number;
    }
    case "timestamp": {
      const at = where.form.readTime(value);
      if (at === undefined || Number.isNaN(at.getTime())) throw wrong(where.path, "a time");
      return at;
    }
    case "blob":
      if (typeof value !== "string") throw wrong(where.path, "base64 text");
      return Uint8Array.from(Buffer.from(value, "base64"));
    default:
      return type satisfies never;
  }
}

/** An operation's output, its times as the protocol has them. */
export function writeOutput(value: unknown, form: ValueForm): unknown {
  if (value instanceof Date) return form.writeTime(value);
  if (Array.isArray(value)) return value.map((item: unknown) => writeOutput(item, form));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, writeOutput(item, form)]),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(path: string, what: string): AwsError {
  return new AwsError("SerializationException", `${path === "" ? "The request" : path} must be ${what}.`);
}
