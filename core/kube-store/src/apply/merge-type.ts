import { isFields, own } from "../fields.ts";

/**
 * How values of one type merge (the list-type, map-type and struct-type markers of Kubernetes' API):
 * `leaf` is owned and replaced as a whole, `map` field by field, `set` item by item, `items` item by item, found by keys.
 */
export type MergeType =
  | { readonly form: "leaf" }
  | { readonly form: "map"; readonly field: (name: string) => FieldType }
  | { readonly form: "set" }
  | { readonly form: "items"; readonly keys: readonly ItemKey[]; readonly item: () => MergeType }
  /** The value decides: objects field by field, anything else as a whole. */
  | { readonly form: "open" };

export interface FieldType {
  readonly type: MergeType;
  /** The type names this field; otherwise it is a key of a map, or unknown. */
  readonly isNamed: boolean;
  /** A part that is always there, even when nothing is in it. */
  readonly isAlways?: boolean;
}

export interface ItemKey {
  readonly name: string;
  /** What an item without the key counts as having. */
  readonly missing?: unknown;
}

export const LEAF_TYPE: MergeType = { form: "leaf" };
export const OPEN_TYPE: MergeType = { form: "open" };

const OPEN_FIELD: FieldType = { type: OPEN_TYPE, isNamed: false };

/** A type for values whose form only they know. */
export function openField(_name: string): FieldType {
  return OPEN_FIELD;
}

const OPEN_MAP: MergeType = { form: "map", field: openField };

export type ListType = Extract<MergeType, { readonly form: "set" | "items" }>;

/** The type by which these values (of which one may be missing) are walked through. A value of another form than its type is a leaf. */
export function formFor(type: MergeType, left: unknown, right: unknown): MergeType {
  switch (type.form) {
    case "leaf":
      return type;
    case "open":
      return areAll(isFields, left, right) ? OPEN_MAP : LEAF_TYPE;
    case "map":
      return areAll(isFields, left, right) ? type : LEAF_TYPE;
    case "set":
    case "items":
      return areAll(Array.isArray, left, right) ? type : LEAF_TYPE;
    default:
      return type satisfies never;
  }
}

function areAll(isFit: (value: unknown) => boolean, left: unknown, right: unknown): boolean {
  return (isFit(left) || isAbsent(left)) && (isFit(right) || isAbsent(right)) && !hasNothing(left, right);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Both empty: kept as one leaf, so that `{}`, `null` and nothing stay apart. */
function hasNothing(left: unknown, right: unknown): boolean {
  return isVoid(left) && isVoid(right);
}

function isVoid(value: unknown): boolean {
  if (isAbsent(value)) return true;
  return Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0;
}

/** The step that leads to an item of a list; `undefined` for one that has none of its keys. */
export function stepToItem(type: ListType, item: unknown): string | undefined {
  if (type.form === "set") return `v:${JSON.stringify(item)}`;
  if (!isFields(item)) return undefined;
  const found: [string, unknown][] = [];
  for (const { name, missing } of type.keys) {
    const value = own(item, name) ?? missing;
    if (value !== undefined) found.push([name, value]);
  }
  return found.length === 0 ? undefined : `k:${JSON.stringify(Object.fromEntries(found))}`;
}

export function stepToField(name: string): string {
  return `f:${name}`;
}
