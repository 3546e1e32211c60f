import { shapeNamed, type ServiceSchema, type WireType } from "./schema.ts";

/** The XML elements of an operation's output, without a root: members the model does not know are an error, so that a typing mistake shows. */
export function encodeOutput(schema: ServiceSchema, outputShape: string, value: object): string {
  const out: string[] = [];
  writeStruct(schema, outputShape, value as Readonly<Record<string, unknown>>, out);
  return out.join("");
}

/** Text safe between tags and in attribute values. Control characters XML 1.0 cannot carry become U+FFFD. */
export function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the characters XML 1.0 section 2.2 leaves out
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

function writeStruct(schema: ServiceSchema, name: string, value: Readonly<Record<string, unknown>>, out: string[]): void {
  const { members } = shapeNamed(schema, name);
  for (const [member, content] of Object.entries(value)) {
    if (content === undefined || content === null) continue;
    const spec = members[member];
    if (spec === undefined) throw new TypeError(`${name} has no member ${member}`);
    write(schema, spec.type, content, spec.tag ?? member, out);
  }
}

function write(schema: ServiceSchema, type: WireType, value: unknown, tag: string, out: string[]): void {
  out.push(`<${tag}>`);
  if (typeof type === "string") {
    out.push(escapeXml(scalarText(value)));
  } else if ("struct" in type) {
    writeStruct(schema, type.struct, value as Readonly<Record<string, unknown>>, out);
  } else {
    for (const item of value as readonly unknown[]) write(schema, type.list, item, type.item, out);
  }
  out.push(`</${tag}>`);
}

function scalarText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return String(value);
}
