import { restShape, type RestSchema, type RestType } from "./schema.ts";

/** The JSON of an output: what the published model has of it, timestamps in seconds since the epoch. */
export function encodeRestOutput(schema: RestSchema, shapeName: string | undefined, output: object): object {
  return shapeName === undefined ? {} : encodeStruct(schema, shapeName, output);
}

function encodeStruct(schema: RestSchema, shapeName: string, value: object): object {
  const written: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(restShape(schema, shapeName).members)) {
    const found = (value as Readonly<Record<string, unknown>>)[name];
    if (found !== undefined) written[name] = encodeValue(schema, member.type, found);
  }
  return written;
}

function encodeValue(schema: RestSchema, type: RestType, value: unknown): unknown {
  if (value === null) return null;
  if (type === "timestamp") return value instanceof Date ? value.getTime() / 1000 : value;
  if (typeof type === "string") return value;
  if ("struct" in type) return encodeStruct(schema, type.struct, value as object);
  if ("list" in type) return (value as readonly unknown[]).map((item) => encodeValue(schema, type.list, item));
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, unknown>>).map(([key, item]) => [key, encodeValue(schema, type.map, item)]),
  );
}
