import { shapeNamed, type ServiceSchema, type WireType } from "./schema.ts";

/** The XML elements of an operation's output, without a root: members the model does not know are an error, so that a typing mistake shows. */
export function encodeOutput(schema: ServiceSchema, outputShape: string, value: object): string {
  return struct(schema, outputShape, value as Readonly<Record<string, unknown>>);
}

/** Text safe between tags and in attribute values. Control characters XML 1.0 cannot carry become U+FFFD. */
export function escapeXml(text: string): string {
  if (!UNSAFE.test(text)) return text;
  // oxlint-disable-next-line no-control-regex -- the characters XML 1.0 section 2.2 leaves out
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd");
}

// oxlint-disable-next-line no-control-regex -- the same, and the characters with a meaning in XML
const UNSAFE = /[&<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

function struct(schema: ServiceSchema, name: string, value: Readonly<Record<string, unknown>>): string {
  const { members } = shapeNamed(schema, name);
  let xml = "";
  for (const member of Object.keys(value)) {
    const content = value[member];
    if (content === undefined || content === null) continue;
    const spec = members[member];
    if (spec === undefined) throw new TypeError(`${name} has no member ${member}`);
    xml += element(schema, spec.type, content, spec.tag ?? member);
  }
  return xml;
}

function element(schema: ServiceSchema, type: WireType, value: unknown, tag: string): string {
  return `<${tag}>${contentOf(schema, type, value)}</${tag}>`;
}

function contentOf(schema: ServiceSchema, type: WireType, value: unknown): string {
  if (typeof type === "string") return escapeXml(scalarText(value));
  if ("struct" in type) return struct(schema, type.struct, value as Readonly<Record<string, unknown>>);
  let xml = "";
  if ("map" in type) {
    for (const [key, item] of Object.entries(value as object)) {
      xml += `<entry><key>${escapeXml(key)}</key>${element(schema, type.map, item, "value")}</entry>`;
    }
    return xml;
  }
  for (const item of value as readonly unknown[]) xml += element(schema, type.list, item, type.item);
  return xml;
}

function scalarText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return String(value);
}
