import table from "../generated/kubernetes-types.json" with { type: "json" };

/** One field of a built-in type. */
export interface KnownField {
  readonly name: string;
  /** Its number in protobuf. */
  readonly number: number;
  /** In JSON its fields lie in the object around it. */
  readonly isInline: boolean;
  /** It may be absent, which is not the same as empty. */
  readonly isOptional: boolean;
  readonly isRequired: boolean;
  readonly type: FieldType;
  /** How it merges with what others wrote: as a whole, as a set, or item by item, found by these fields. Absent: as its type does. */
  readonly merging?: "whole" | "set" | readonly string[] | undefined;
  readonly patching: FieldPatching;
  readonly default?: unknown;
}

/** What a strategic merge patch does with a field (its patchStrategy and patchMergeKey tags). */
export interface FieldPatching {
  /** The field that tells a list's items apart; empty for a list of plain values that is a set. Absent: a list is replaced. */
  readonly key?: string | undefined;
  readonly strategies: readonly ("merge" | "retainKeys")[];
}

export type FieldType =
  | { readonly kind: "list" | "map"; readonly of: FieldType }
  | { readonly kind: "message"; readonly name: string }
  | {
      readonly kind:
        | "string"
        | "bool"
        | "int"
        | "float"
        | "bytes"
        | "time"
        | "micro-time"
        | "duration"
        | "quantity"
        | "int-or-string"
        | "raw";
    };

export interface KnownType {
  readonly name: string;
  readonly fields: readonly KnownField[];
  readonly byNumber: ReadonlyMap<number, KnownField>;
  /** By JSON name, with the fields of inlined parts. */
  readonly byName: ReadonlyMap<string, KnownField>;
}

const lines: Readonly<Record<string, readonly string[]>> = table;
const known = new Map<string, KnownType>();

/** A built-in type by its name in the table, such as `core.v1.PodSpec`. */
export function knownType(name: string): KnownType | undefined {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const own = Object.hasOwn(lines, name) ? lines[name] : undefined;
  if (own === undefined) return undefined;
  const fields = own.map(parseField);
  const type: KnownType = {
    name,
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    byName: new Map(fields.flatMap(named)),
  };
  known.set(name, type);
  return type;
}

function named(field: KnownField): readonly (readonly [string, KnownField])[] {
  if (!field.isInline) return [[field.name, field]];
  const inner = field.type.kind === "message" ? knownType(field.type.name) : undefined;
  return inner === undefined ? [] : [...inner.byName];
}

const PLAIN = new Set(["string", "bool", "int", "float", "bytes", "time", "micro-time", "duration", "quantity", "int-or-string", "raw"]);

function parseField(line: string): KnownField {
  const [name = "", number = "0", flags = "", type = "raw", ...words] = line.split(" ");
  const word = (start: string): string | undefined => words.find((one) => one.startsWith(start))?.slice(start.length);
  const given = word("d=");
  return {
    name,
    number: Number(number),
    isInline: flags.includes("i"),
    isOptional: flags.includes("p"),
    isRequired: flags.includes("r"),
    type: parseType(type),
    merging: words.includes("a") ? "whole" : words.includes("ls") ? "set" : word("lm=")?.split(","),
    patching: patchingOf(words.includes("ps") ? "" : word("pm="), words.includes("pk")),
    ...(given === undefined ? {} : { default: JSON.parse(given) as unknown }),
  };
}

function patchingOf(key: string | undefined, retainsKeys: boolean): FieldPatching {
  return { key, strategies: [...(key === undefined ? [] : ["merge" as const]), ...(retainsKeys ? ["retainKeys" as const] : [])] };
}

function parseType(text: string): FieldType {
  if (text.startsWith("[]")) return { kind: "list", of: parseType(text.slice(2)) };
  if (text.startsWith("{}")) return { kind: "map", of: parseType(text.slice(2)) };
  return PLAIN.has(text) ? ({ kind: text } as FieldType) : { kind: "message", name: text };
}

/** The name in the table of the type that an object says it has; `undefined` for types that are not built in. */
export function typeNameOf(apiVersion: string, kind: string): string | undefined {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  const name = kind === "DeleteOptions" ? "meta.v1.DeleteOptions" : `${group.split(".")[0] ?? ""}.${version}.${kind}`;
  return Object.hasOwn(lines, name) ? name : undefined;
}
