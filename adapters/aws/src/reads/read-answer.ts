import { XMLParser } from "fast-xml-parser";
import { asRecord } from "../untrusted.ts";
import type { ReadSchema, ReadType } from "./schema.ts";

/** An answer as `aws … --output json` prints it. */
export type AwsJson = Readonly<Record<string, unknown>>;

const parser = new XMLParser({ ignoreAttributes: true, ignoreDeclaration: true, parseTagValue: false });

/** An XML answer of EC2, or of a service of the Query protocol, in the shape that the AWS CLI prints; `undefined` when it is no such answer. */
export function readXmlAnswer(schema: ReadSchema, operation: string, xml: string): AwsJson | undefined {
  let parsed: unknown;
  try {
    parsed = parser.parse(xml, true);
  } catch {
    return undefined;
  }
  const root = asRecord(asRecord(parsed)?.[`${operation}Response`]);
  // The Query protocol wraps what it answers; EC2 does not.
  const body = schema.protocol === "query" ? asRecord(root?.[`${operation}Result`]) : root;
  const output = schema.operations[operation]?.output;
  return body === undefined || output === undefined ? undefined : struct(schema, output, body, "xml");
}

/** A JSON answer in the shape that the AWS CLI prints: times are told as text there. */
export function readJsonAnswer(schema: ReadSchema, operation: string, text: string): AwsJson | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const body = asRecord(parsed);
  const output = schema.operations[operation]?.output;
  return body === undefined || output === undefined ? undefined : struct(schema, output, body, "json");
}

type Form = "xml" | "json";

/** What the published model does not name is left out, as the AWS CLI leaves it out. */
function struct(schema: ReadSchema, shape: string, record: AwsJson, form: Form): AwsJson {
  const read: Record<string, unknown> = {};
  for (const [name, { type, tag }] of Object.entries(schema.shapes[shape]?.members ?? {})) {
    const found = record[form === "xml" ? (tag ?? name) : name];
    if (found === undefined || found === null) continue;
    const value = valueOf(schema, type, found, form);
    if (value !== undefined) read[name] = POLICY_DOCUMENT.test(name) && typeof value === "string" ? policyOf(value) : value;
  }
  return read;
}

function valueOf(schema: ReadSchema, type: ReadType, found: unknown, form: Form): unknown {
  if (typeof type === "string") return form === "xml" ? xmlScalar(type, found) : jsonScalar(type, found);
  if ("struct" in type) return struct(schema, type.struct, asRecord(found) ?? {}, form);
  if ("list" in type) return listOf(found, type.item, form).map((item) => valueOf(schema, type.list, item, form));
  if (form === "json") {
    return Object.fromEntries(Object.entries(asRecord(found) ?? {}).map(([key, item]) => [key, valueOf(schema, type.map, item, form)]));
  }
  const entries = listOf(found, "entry", form).map((entry) => asRecord(entry) ?? {});
  return Object.fromEntries(entries.map((entry) => [String(entry["key"]), valueOf(schema, type.map, entry["value"], form)]));
}

/** An XML list of one item looks like the item itself, and an empty one like empty text. */
function listOf(found: unknown, item: string | undefined, form: Form): readonly unknown[] {
  const items = form === "xml" ? asRecord(found)?.[item ?? "item"] : found;
  if (items === undefined || items === null) return [];
  return Array.isArray(items) ? (items as readonly unknown[]) : [items];
}

function xmlScalar(type: Exclude<ReadType, object>, found: unknown): unknown {
  const text = typeof found === "string" ? found : "";
  switch (type) {
    case "number":
      return text === "" ? undefined : Number(text);
    case "boolean":
      return text === "true";
    case "timestamp":
      return text === "" ? undefined : asCliTime(Date.parse(text));
    case "string":
    case "blob":
      return text;
    default:
      return type satisfies never;
  }
}

function jsonScalar(type: Exclude<ReadType, object>, found: unknown): unknown {
  return type === "timestamp" && typeof found === "number" ? asCliTime(found * 1_000) : found;
}

/** `2026-01-02T03:04:05+00:00`, as the AWS CLI prints times. */
function asCliTime(ms: number): string | undefined {
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().replace(/(?:\.000)?Z$/, "+00:00");
}

/** IAM sends policies as URL-encoded JSON, and the AWS CLI prints them as JSON. */
const POLICY_DOCUMENT = /^(?:AssumeRole)?PolicyDocument$|^Document$/;

function policyOf(text: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(text)) as unknown;
  } catch {
    return text;
  }
}
