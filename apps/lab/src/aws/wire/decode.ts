import { AwsError, invalidValue, missingParameter } from "../aws-error.ts";
import type { FormNode } from "./form-tree.ts";
import { shapeNamed, type ServiceSchema, type WireMember, type WireScalar, type WireShape, type WireType } from "./schema.ts";

/** Fields every form carries beside the operation's own parameters, also those of signatures in a query string. */
const ENVELOPE = new Set(["Action", "Version"]);

/**
 * Reads an operation's input from a form.
 * @returns an object shaped as the published model says: the same shape the SDK's command input has
 * @throws {AwsError} `MissingParameter`, `InvalidParameterValue` or `UnknownParameter`
 */
export function decodeInput(schema: ServiceSchema, inputShape: string | undefined, form: FormNode): Readonly<Record<string, unknown>> {
  const children = new Map<string, FormNode>();
  for (const [key, child] of form.children) if (!ENVELOPE.has(key) && !key.startsWith("X-Amz-")) children.set(key, child);
  if (inputShape !== undefined) return struct(schema, inputShape, { children }, "");
  const [first] = children.keys();
  if (first !== undefined) throw unknownParameter(first);
  return {};
}

/** A shape turned round: its members by the keys they have in a request. */
interface ShapePlan {
  readonly byKey: ReadonlyMap<string, readonly [member: string, spec: WireMember]>;
  readonly required: readonly (readonly [key: string, member: string])[];
}

/** The shapes are read from a file once and never change. */
const plans = new WeakMap<WireShape, ShapePlan>();

function planOf(shape: WireShape): ShapePlan {
  const known = plans.get(shape);
  if (known !== undefined) return known;
  const members = Object.entries(shape.members);
  const plan: ShapePlan = {
    byKey: new Map(members.map(([member, spec]) => [spec.key ?? member, [member, spec]])),
    required: members.filter(([, spec]) => spec.required).map(([member, spec]) => [spec.key ?? member, member]),
  };
  plans.set(shape, plan);
  return plan;
}

function struct(schema: ServiceSchema, name: string, node: FormNode, path: string): Record<string, unknown> {
  const { byKey, required } = planOf(shapeNamed(schema, name));
  const out: Record<string, unknown> = {};
  for (const [key, child] of node.children) {
    const found = byKey.get(key);
    if (found === undefined) throw unknownParameter(`${path}${key}`);
    const value = decode(schema, found[1].type, child, `${path}${key}`);
    if (value !== undefined) out[found[0]] = value;
  }
  for (const [key, member] of required) if (out[member] === undefined) throw missingParameter(`${path}${key}`);
  return out;
}

function unknownParameter(path: string): AwsError {
  return new AwsError("UnknownParameter", `The parameter ${path} is not recognized`);
}

function decode(schema: ServiceSchema, type: WireType, node: FormNode, path: string): unknown {
  if (typeof type === "string") return scalar(type, node, path);
  if ("struct" in type) {
    return node.children.size === 0 ? undefined : struct(schema, type.struct, node, `${path}.`);
  }
  if ("map" in type) return map(schema, type, node, path);
  return schema.protocol === "ec2" ? flatList(schema, type, node, path) : memberList(schema, type, node, path);
}

/** EC2's lists sit right under their key: `SubnetId.1=…`. */
function flatList(schema: ServiceSchema, type: { readonly list: WireType }, node: FormNode, path: string): unknown[] {
  const numbered = [...node.children].map(([index, child]) => {
    if (!/^[1-9]\d{0,4}$/.test(index)) throw unknownParameter(`${path}.${index}`);
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

/** AWS Query's maps: `Name.entry.1.key` and `Name.entry.1.value`. */
function map(schema: ServiceSchema, type: { readonly map: WireType }, node: FormNode, path: string): Readonly<Record<string, unknown>> {
  const entries = [...(node.children.get("entry")?.children ?? [])].map(([index, entry]) => {
    const value = entry.children.get("value");
    const key = entry.children.get("key")?.text;
    if (key === undefined || value === undefined) throw missingParameter(`${path}.entry.${index}.${key === undefined ? "key" : "value"}`);
    return [key, decode(schema, type.map, value, `${path}.entry.${index}.value`)] as const;
  });
  return Object.fromEntries(entries);
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

function scalar(type: WireScalar, node: FormNode, path: string): unknown {
  if (node.children.size > 0) {
    throw unknownParameter(`${path}.${[...node.children.keys()][0]}`);
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
