import { AwsError, invalidValue, missingParameter } from "../aws-error.ts";
import type { FormNode } from "./form-tree.ts";
import { shapeNamed, type ServiceSchema, type WireScalar, type WireType } from "./schema.ts";

/** Fields every form carries beside the operation's own parameters, also those of signatures in a query string. */
const ENVELOPE = new Set(["Action", "Version"]);

/**
 * Reads an operation's input from a form.
 * @returns an object shaped as the published model says: the same shape the SDK's command input has
 * @throws {AwsError} `MissingParameter`, `InvalidParameterValue` or `UnknownParameter`
 */
export function decodeInput(schema: ServiceSchema, inputShape: string | undefined, form: FormNode): Readonly<Record<string, unknown>> {
  const parameters: FormNode = { children: new Map([...form.children].filter(([key]) => !ENVELOPE.has(key) && !key.startsWith("X-Amz-"))) };
  if (inputShape === undefined) {
    refuseUnknown(parameters, new Set(), "");
    return {};
  }
  return struct(schema, inputShape, parameters, "");
}

function struct(schema: ServiceSchema, name: string, node: FormNode, path: string): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [member, { type, key = member, required }] of Object.entries(shapeNamed(schema, name).members)) {
    known.add(key);
    const child = node.children.get(key);
    const value = child === undefined ? undefined : decode(schema, type, child, `${path}${key}`);
    if (value !== undefined) out[member] = value;
    else if (required) throw missingParameter(`${path}${key}`);
  }
  refuseUnknown(node, known, path);
  return out;
}

function refuseUnknown(node: FormNode, known: ReadonlySet<string>, path: string): void {
  for (const key of node.children.keys()) {
    if (!known.has(key)) throw new AwsError("UnknownParameter", `The parameter ${path}${key} is not recognized`);
  }
}

function decode(schema: ServiceSchema, type: WireType, node: FormNode, path: string): unknown {
  if (typeof type === "string") return scalar(type, node, path);
  if ("struct" in type) {
    return node.children.size === 0 ? undefined : struct(schema, type.struct, node, `${path}.`);
  }
  return schema.protocol === "ec2" ? flatList(schema, type, node, path) : memberList(schema, type, node, path);
}

/** EC2's lists sit right under their key: `SubnetId.1=…`. */
function flatList(schema: ServiceSchema, type: { readonly list: WireType }, node: FormNode, path: string): unknown[] {
  const numbered = [...node.children].map(([index, child]) => {
    if (!/^[1-9]\d{0,4}$/.test(index)) throw new AwsError("UnknownParameter", `The parameter ${path}.${index} is not recognized`);
    return [Number(index), child] as const;
  });
  if (node.text !== undefined && node.text !== "") throw invalidValue(`The parameter ${path} is a list; write ${path}.1`);
  return numbered
    .sort(([a], [b]) => a - b)
    .map(([index, child]) => decode(schema, type.list, child, `${path}.${index}`))
    .filter((value) => value !== undefined);
}

/** AWS Query's lists have one more level, `member` unless the model names it. An empty list is the bare key. */
function memberList(
  schema: ServiceSchema,
  type: { readonly list: WireType; readonly item: string },
  node: FormNode,
  path: string,
): unknown[] {
  const inner = node.children.get(type.item);
  return inner === undefined ? [] : flatList(schema, type, inner, `${path}.${type.item}`);
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

function scalar(type: WireScalar, node: FormNode, path: string): unknown {
  if (node.children.size > 0) {
    throw new AwsError("UnknownParameter", `The parameter ${path}.${[...node.children.keys()][0]} is not recognized`);
  }
  const text = node.text ?? "";
  switch (type) {
    case "string":
      return text;
    case "number":
      if (!NUMBER.test(text)) throw invalidValue(`Invalid value '${text}' for ${path}: must be a number`);
      return Number(text);
    case "boolean":
      if (/^true$/i.test(text)) return true;
      if (/^false$/i.test(text)) return false;
      throw invalidValue(`Invalid value '${text}' for ${path}: must be true or false`);
    case "timestamp":
      return timestamp(text, path);
    case "blob":
      return Uint8Array.from(Buffer.from(text, "base64"));
    default:
      return type satisfies never;
  }
}

function timestamp(text: string, path: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw invalidValue(`Invalid value '${text}' for ${path}: must be a time such as 2030-01-31T12:00:00Z`);
  return at;
}
