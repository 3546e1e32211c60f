import { isFields, type Fields } from "@slash28/kube-store";

import { knownType, type FieldType, type KnownType } from "./known-types.ts";

/** An object made to fit its built-in type. */
export interface Fitted {
  /** Without unknown fields and `null`s; the same object when there are none. */
  readonly object: Fields;
  /** Paths of fields that the type does not have. */
  readonly unknown: readonly string[];
  /** The first value of a wrong type, in a sentence. */
  readonly mistake: string | undefined;
}

interface Findings {
  readonly unknown: string[];
  mistake: string | undefined;
}

/** Checks an object against its type, as decoding it into a struct would. */
export function fitObject(object: Fields, typeName: string): Fitted {
  const findings: Findings = { unknown: [], mistake: undefined };
  const type = knownType(typeName);
  const fitted = type === undefined ? object : fitFields(object, type, "", findings);
  return { object: fitted, unknown: findings.unknown, mistake: findings.mistake };
}

/** Checks the metadata alone: that of an object whose type is its own has the same fields as any other's. */
export function fitMetadata(object: Fields): Fitted {
  const findings: Findings = { unknown: [], mistake: undefined };
  const metadata = fitValue(object["metadata"], { kind: "message", name: METADATA }, "metadata", findings);
  const fitted = metadata === object["metadata"] ? object : { ...object, metadata };
  return { object: fitted, unknown: findings.unknown, mistake: findings.mistake };
}

const EVERY_OBJECT = new Set(["apiVersion", "kind"]);

function fitFields(object: Fields, type: KnownType, path: string, findings: Findings): Fields {
  let changed: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(object)) {
    if (path === "" && EVERY_OBJECT.has(name)) continue;
    const field = type.byName.get(name);
    const where = path === "" ? name : `${path}.${name}`;
    if (field === undefined) findings.unknown.push(where);
    const fitted = field === undefined || value === null ? undefined : fitValue(value, field.type, where, findings);
    if (fitted === value) continue;
    changed ??= { ...object };
    if (fitted === undefined) delete changed[name];
    else changed[name] = fitted;
  }
  return changed ?? object;
}

function fitValue(value: unknown, type: FieldType, path: string, findings: Findings): unknown {
  if (value === undefined || value === null) return undefined;
  switch (type.kind) {
    case "list":
      return fitList(value, type.of, path, findings);
    case "map":
      return fitMap(value, type.of, path, findings);
    case "message": {
      const message = knownType(type.name);
      if (!isFields(value)) return mistaken(value, type.name.split(".").at(-1) ?? "object", path, findings);
      if (message === undefined) return value;
      const fitted = fitFields(value, message, path, findings);
      return type.name === METADATA ? withoutEmpty(fitted) : fitted;
    }
    default:
      return isFit(value, type.kind) ? value : mistaken(value, NAMES[type.kind], path, findings);
  }
}

const METADATA = "meta.v1.ObjectMeta";

/** Metadata has no empty lists or maps: labels that all went are no labels. */
function withoutEmpty(metadata: Fields): Fields {
  const isEmpty = (value: unknown): boolean =>
    typeof value === "object" && value !== null && (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0);
  const entries = Object.entries(metadata);
  return entries.some(([, value]) => isEmpty(value)) ? Object.fromEntries(entries.filter(([, value]) => !isEmpty(value))) : metadata;
}

function fitList(value: unknown, of: FieldType, path: string, findings: Findings): unknown {
  if (!Array.isArray(value)) return mistaken(value, "list", path, findings);
  // As Go decodes it: nothing in a list is an item without content.
  const items = value.map((item: unknown, index) => (item === null ? nothing(of) : fitValue(item, of, `${path}[${index}]`, findings)));
  return items.every((item, index) => item === value[index]) ? value : items;
}

function nothing(type: FieldType): unknown {
  if (type.kind === "message" || type.kind === "map") return {};
  if (type.kind === "list") return [];
  if (type.kind === "int" || type.kind === "float") return 0;
  return type.kind === "bool" ? false : "";
}

function fitMap(value: unknown, of: FieldType, path: string, findings: Findings): unknown {
  if (!isFields(value)) return mistaken(value, "map", path, findings);
  const entries = Object.entries(value).map(([key, item]) => [key, fitValue(item, of, `${path}.${key}`, findings)] as const);
  return entries.every(([key, item]) => item === value[key]) ? value : Object.fromEntries(entries);
}

type PlainKind = Exclude<FieldType["kind"], "list" | "map" | "message">;

const NAMES: Readonly<Record<PlainKind, string>> = {
  string: "string",
  bool: "bool",
  int: "int32",
  float: "float64",
  bytes: "base64 text",
  time: "RFC 3339 time",
  "micro-time": "RFC 3339 time",
  duration: "duration",
  quantity: "quantity",
  "int-or-string": "int or string",
  raw: "object",
};

function isFit(value: unknown, kind: PlainKind): boolean {
  switch (kind) {
    case "bool":
      return typeof value === "boolean";
    case "int":
      return typeof value === "number" && Number.isInteger(value);
    case "float":
      return typeof value === "number";
    case "quantity":
    case "int-or-string":
      return typeof value === "string" || typeof value === "number";
    case "raw":
      return true;
    case "string":
    case "bytes":
    case "time":
    case "micro-time":
    case "duration":
      return typeof value === "string";
    default:
      return kind satisfies never;
  }
}

function mistaken(value: unknown, wanted: string, path: string, findings: Findings): undefined {
  const found = Array.isArray(value) ? "array" : typeof value === "object" ? "object" : typeof value === "boolean" ? "bool" : typeof value;
  findings.mistake ??= `json: cannot unmarshal ${found} into field ${path} of type ${wanted}`;
  return undefined;
}
