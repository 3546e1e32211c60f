import { RestError, unreadable } from "./rest-error.ts";
import { restShape, type RestMember, type RestSchema, type RestShape, type RestType } from "./schema.ts";

/** The three places of a request that members come from. */
export interface RestRequestParts {
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body's JSON; `undefined` for an empty body. */
  readonly body: unknown;
}

export type RestInput = Readonly<Record<string, unknown>>;

/**
 * The typed input of an operation. Members that the published model does not know are left out, as AWS leaves them out.
 * @throws {RestError} `SerializationException` for a value of the wrong type, `InvalidParameterException` for a required member that is not there
 */
export function decodeRestInput(schema: RestSchema, shapeName: string | undefined, parts: RestRequestParts): RestInput {
  if (shapeName === undefined) return {};
  const shape = restShape(schema, shapeName);
  const body = parts.body ?? {};
  if (!isRecord(body)) throw unreadable("The request's body is not a JSON object.");
  const input: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members)) {
    const value = memberValue(schema, name, member, { ...parts, body });
    if (value !== undefined) input[name] = value;
    else if (member.required === true) throw new RestError("InvalidParameterException", `The request must contain the parameter ${name}`);
  }
  return input;
}

function memberValue(
  schema: RestSchema,
  name: string,
  member: RestMember,
  parts: RestRequestParts & { readonly body: RestInput },
): unknown {
  switch (member.in) {
    case "path":
      return parts.labels[name];
    case "query":
      return queryValue(parts.query, member.key ?? name, member.type);
    case undefined:
      return own(parts.body, name) === undefined ? undefined : bodyValue(schema, member.type, own(parts.body, name), name);
    default:
      return member.in satisfies never;
  }
}

function queryValue(query: URLSearchParams, key: string, type: RestType): unknown {
  const texts = query.getAll(key);
  const [first] = texts;
  if (first === undefined) return undefined;
  if (typeof type === "object") return texts;
  return scalarFromText(first, type, key);
}

function scalarFromText(text: string, type: RestType, where: string): unknown {
  switch (type) {
    case "number":
      if (!/^-?\d+$/.test(text)) throw unreadable(`${where}: '${text}' is not a whole number.`);
      return Number(text);
    case "boolean":
      if (text !== "true" && text !== "false") throw unreadable(`${where}: '${text}' is neither true nor false.`);
      return text === "true";
    default:
      return text;
  }
}

function bodyValue(schema: RestSchema, type: RestType, value: unknown, where: string): unknown {
  if (value === null) return undefined;
  if (typeof type === "string") return bodyScalar(type, value, where);
  if ("struct" in type) return structValue(schema, restShape(schema, type.struct), value, where);
  if ("list" in type) {
    if (!Array.isArray(value)) throw unreadable(`${where} is not a list.`);
    return value.map((item, index) => bodyValue(schema, type.list, item, `${where}[${index}]`)).filter((item) => item !== undefined);
  }
  if (!isRecord(value)) throw unreadable(`${where} is not an object.`);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bodyValue(schema, type.map, item, `${where}.${key}`)]));
}

function structValue(schema: RestSchema, shape: RestShape, value: unknown, where: string): RestInput {
  if (!isRecord(value)) throw unreadable(`${where} is not an object.`);
  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members)) {
    const found = own(value, name);
    const decoded = found === undefined ? undefined : bodyValue(schema, member.type, found, `${where}.${name}`);
    if (decoded !== undefined) read[name] = decoded;
  }
  return read;
}

function bodyScalar(type: Exclude<RestType, object>, value: unknown, where: string): unknown {
  switch (type) {
    case "timestamp":
      if (typeof value !== "number") throw unreadable(`${where} is not a timestamp in seconds.`);
      return new Date(value * 1000);
    case "string":
    case "number":
    case "boolean":
      if (typeof value !== type) throw unreadable(`${where} is not a ${type}.`);
      return value;
    default:
      return type satisfies never;
  }
}

function isRecord(value: unknown): value is RestInput {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(record: RestInput, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
