import { knownType, typeNameOf, type FieldType, type KnownField, type KnownType } from "./known-types.ts";
import { readFields, type WireField } from "./wire-reader.ts";

/** First bytes of a Kubernetes object in protobuf; an envelope message (runtime.Unknown) follows. */
const MAGIC = Buffer.from("k8s\0", "latin1");

/** Field numbers of the envelope and of the type in it. */
const ENVELOPE = { type: 1, raw: 2 } as const;
const TYPE = { apiVersion: 1, kind: 2 } as const;

/** Why bytes could not be read. */
class Unreadable extends Error {}

export type Decoded = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** A Kubernetes object in protobuf, as the same object in JSON. */
export function decodeProtobuf(bytes: Buffer): Decoded {
  try {
    return { ok: true, value: decodeEnvelope(bytes) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, why: error.message };
    throw error;
  }
}

function decodeEnvelope(bytes: Buffer): unknown {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Unreadable("the body does not start as a Kubernetes protobuf object does");
  const envelope = fieldsIn(bytes.subarray(MAGIC.length));
  const type = fieldsIn(bytesOf(envelope, ENVELOPE.type));
  const apiVersion = bytesOf(type, TYPE.apiVersion).toString();
  const kind = bytesOf(type, TYPE.kind).toString();
  const name = typeNameOf(apiVersion, kind);
  const known = name === undefined ? undefined : knownType(name);
  if (known === undefined) throw new Unreadable(`${kind} in version ${apiVersion} is not read from protobuf here; send JSON`);
  return { apiVersion, kind, ...decodeMessage(bytesOf(envelope, ENVELOPE.raw), known) };
}

function fieldsIn(bytes: Buffer): readonly WireField[] {
  const fields = readFields(bytes);
  if (fields === undefined) throw new Unreadable("the body is cut off or damaged");
  return fields;
}

function bytesOf(fields: readonly WireField[], number: number): Buffer {
  const found = fields.find((field) => field.number === number);
  return found?.kind === "bytes" ? found.value : Buffer.alloc(0);
}

function decodeMessage(bytes: Buffer, type: KnownType): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const wire of fieldsIn(bytes)) {
    const field = type.byNumber.get(wire.number);
    if (field !== undefined) addField(object, field, wire);
  }
  return object;
}

function addField(object: Record<string, unknown>, field: KnownField, wire: WireField): void {
  const { type, name } = field;
  if (type.kind === "list") {
    const list = (object[name] as unknown[] | undefined) ?? [];
    object[name] = [...list, decodeValue(wire, type.of)];
  } else if (type.kind === "map") {
    const [key, value] = decodeEntry(wire, type.of);
    object[name] = { ...(object[name] as object | undefined), [key]: value };
  } else {
    const value = decodeValue(wire, type);
    if (field.isInline) Object.assign(object, value);
    // Go writes empty values of plain fields as well; in JSON they are left out.
    else if (value !== undefined && (field.isOptional || !isEmpty(value))) object[name] = value;
  }
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}

function decodeEntry(wire: WireField, of: FieldType): readonly [string, unknown] {
  const entry = wire.kind === "bytes" ? fieldsIn(wire.value) : [];
  const value = entry.find((field) => field.number === 2);
  if (of.kind === "list") {
    // A list in a map is a message with the items as its first field.
    const items = value?.kind === "bytes" ? fieldsIn(value.value).map((item) => decodeValue(item, of.of)) : [];
    return [bytesOf(entry, 1).toString(), items];
  }
  return [bytesOf(entry, 1).toString(), value === undefined ? "" : decodeValue(value, of)];
}

function decodeValue(wire: WireField, type: FieldType): unknown {
  switch (type.kind) {
    case "bool":
      return wire.kind === "number" && wire.value !== 0n;
    case "int":
      return wire.kind === "number" ? signed(wire.value) : 0;
    case "float":
      return wire.kind === "bytes" && wire.value.length === 8 ? wire.value.readDoubleLE() : 0;
    case "list":
    case "map":
      throw new Unreadable("a list of lists is not part of any type");
    default:
      return wire.kind === "bytes" ? decodeBytes(wire.value, type) : undefined;
  }
}

function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

function decodeBytes(bytes: Buffer, type: FieldType): unknown {
  switch (type.kind) {
    case "string":
      return bytes.toString();
    case "bytes":
      return bytes.toString("base64");
    case "message": {
      const known = knownType(type.name);
      return known === undefined ? {} : decodeMessage(bytes, known);
    }
    case "time":
      return timeOf(bytes, 0);
    case "micro-time":
      return timeOf(bytes, 6);
    case "quantity":
      return bytesOf(fieldsIn(bytes), 1).toString();
    case "int-or-string":
      return intOrString(bytes);
    case "raw":
      return rawOf(bytes);
    case "duration":
      return `${numberIn(fieldsIn(bytes), 1) / 1e9}s`;
    case "bool":
    case "int":
    case "float":
    case "list":
    case "map":
      return undefined;
    default:
      return type satisfies never;
  }
}

function numberIn(fields: readonly WireField[], number: number): number {
  const found = fields.find((field) => field.number === number);
  return found?.kind === "number" ? signed(found.value) : 0;
}

/** Seconds and nanoseconds as RFC 3339; nothing for the zero time, an empty message. */
function timeOf(bytes: Buffer, digits: 0 | 6): string | undefined {
  const fields = fieldsIn(bytes);
  if (fields.length === 0) return undefined;
  const whole = new Date(numberIn(fields, 1) * 1000).toISOString().slice(0, 19);
  const fraction = String(Math.floor(numberIn(fields, 2) / 1000)).padStart(6, "0");
  return digits === 0 ? `${whole}Z` : `${whole}.${fraction}Z`;
}

const STRING_KIND = 1;

function intOrString(bytes: Buffer): unknown {
  const fields = fieldsIn(bytes);
  return numberIn(fields, 1) === STRING_KIND ? bytesOf(fields, 3).toString() : numberIn(fields, 2);
}

function rawOf(bytes: Buffer): unknown {
  const text = bytesOf(fieldsIn(bytes), 1).toString();
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Unreadable("an object inside the body is not JSON");
  }
}
