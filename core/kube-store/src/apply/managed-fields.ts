import { fieldsOf, listOf, textOf, type Fields } from "../fields.ts";
import { EMPTY_SET, isEmptySet, readFieldsV1, union, writeFieldsV1, type FieldSet } from "./field-set.ts";

/** Who owns fields, and by what kind of write. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  /** The version in which the fields are named. */
  readonly apiVersion: string;
  /** `status`, `scale`; empty for the object itself. */
  readonly subresource: string;
}

export interface Owned extends Manager {
  /** RFC 3339; absent for entries that never had one. */
  readonly time?: string | undefined;
  readonly fields: FieldSet;
}

/** Owners by what tells them apart: appliers are the same in every version (`metadata.managedFields` of ObjectMeta). */
export type Owners = ReadonlyMap<string, Owned>;

export function managerKey({ name, operation, apiVersion, subresource }: Manager): string {
  return JSON.stringify([operation, name, operation === "Apply" ? "" : apiVersion, subresource]);
}

export function readOwners(managedFields: unknown): Owners {
  const owners = new Map<string, Owned>();
  for (const entry of listOf(managedFields)) {
    const owned = readOwned(fieldsOf(entry));
    if (!isEmptySet(owned.fields)) owners.set(managerKey(owned), owned);
  }
  return owners;
}

function readOwned(entry: Fields): Owned {
  return {
    name: textOf(entry["manager"]) ?? "",
    operation: entry["operation"] === "Apply" ? "Apply" : "Update",
    apiVersion: textOf(entry["apiVersion"]) ?? "",
    subresource: textOf(entry["subresource"]) ?? "",
    time: textOf(entry["time"]),
    fields: readFieldsV1(entry["fieldsV1"]),
  };
}

/** `metadata.managedFields` in the order the API server writes it; `undefined` when nobody owns anything. */
export function writeOwners(owners: Owners): readonly Fields[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].sort(byAge).map(({ name, operation, apiVersion, subresource, time, fields }) => ({
    ...(name === "" ? {} : { manager: name }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: "FieldsV1",
    fieldsV1: writeFieldsV1(fields),
    ...(subresource === "" ? {} : { subresource }),
  }));
}

function byAge(left: Owned, right: Owned): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time ?? "", right.time ?? "") ||
    compareText(left.name, right.name) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const UPDATERS_MAX = 10;
const ANCIENT = "ancient-changes";

/** No more than ten updaters are told apart: the oldest become one. */
export function withFewUpdaters(owners: Owners): Owners {
  const updaters = [...owners.values()].filter(({ operation, name }) => operation === "Update" && name !== ANCIENT).sort(byAge);
  const extra = updaters.slice(0, Math.max(0, updaters.length - UPDATERS_MAX));
  if (extra.length === 0) return owners;
  const kept = new Map(owners);
  for (const one of extra) {
    kept.delete(managerKey(one));
    const ancient: Owned = { ...one, name: ANCIENT };
    const before = kept.get(managerKey(ancient))?.fields ?? EMPTY_SET;
    kept.set(managerKey(ancient), { ...ancient, fields: union(before, one.fields) });
  }
  return kept;
}
