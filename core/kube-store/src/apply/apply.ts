import { fieldsOf, type Fields } from "../fields.ts";
import {
  difference,
  EMPTY_SET,
  fieldSet,
  intersection,
  isEmptySet,
  onlyBelow,
  pathsOf,
  union,
  withoutBelow,
  type FieldSet,
} from "./field-set.ts";
import { managerKey, withFewUpdaters, type Manager, type Owned, type Owners } from "./managed-fields.ts";
import type { MergeType } from "./merge-type.ts";
import { mergeValues, removeFields, withNamedParts } from "./merge-values.ts";
import { compareFields, fieldsIn, type Comparison } from "./walk-fields.ts";

/** A field that an applier wants to be different, and that someone else owns. */
export interface FieldConflict {
  readonly owner: Manager;
  readonly path: readonly string[];
}

export interface Writer extends Manager {
  /** RFC 3339. */
  readonly time: string;
}

/** Fields that a write of this part of an object cannot touch, and so cannot own. */
export type OwnableFields = "all" | "without-status" | "only-status";

export interface FieldRules {
  readonly type: MergeType;
  readonly ownable: OwnableFields;
}

export interface ApplyRequest extends FieldRules {
  readonly live: Fields;
  readonly config: Fields;
  readonly owners: Owners;
  readonly writer: Writer;
  readonly force: boolean;
}

export type Applied =
  | { readonly kind: "conflicts"; readonly conflicts: readonly FieldConflict[] }
  /** Without `metadata.managedFields`; the owners say what belongs there. `changed` is false when the object stays as it was. */
  | { readonly kind: "applied"; readonly object: Fields; readonly owners: Owners; readonly changed: boolean };

/**
 * Server-side apply (KEP-555): the live object with a configuration laid over it, without the fields that this applier gave last
 * time, no longer gives, and nobody else owns.
 */
export function applyConfiguration(request: ApplyRequest): Applied {
  const { live, config, writer, type, force } = request;
  const key = managerKey(writer);
  const last = request.owners.get(key)?.fields ?? EMPTY_SET;
  const wanted = ownable(fieldsIn(config, type), request.ownable);
  const owners = new Map(request.owners);
  owners.set(key, { ...writer, fields: wanted });
  const merged = mergeValues(live, config, type);
  const object = fieldsOf(prune(merged, owners, last, type));
  const comparison = compareFields(live, object, type);
  const left = afterChange(owners, ownableComparison(comparison, request.ownable), key);
  if (!force && left.conflicts.length > 0) return { kind: "conflicts", conflicts: left.conflicts };
  const stripped = withoutIdentity(left.owners, key);
  const changed = !isSame(comparison);
  const before = request.owners.get(key);
  // An apply that changes nothing is not a new event in the object's history.
  const isQuiet = !changed && before !== undefined;
  const own = stripped.get(key);
  if (own !== undefined && isQuiet) stripped.set(key, { ...own, time: before.time });
  return { kind: "applied", object, owners: stripped, changed };
}

/** Who owns what after an object was created or changed by anything but an apply. */
export function trackUpdate(
  change: FieldRules & {
    /** The object before, `{}` with a type and nothing else when it is new. */
    readonly before: Fields;
    readonly after: Fields;
    readonly owners: Owners;
    readonly writer: Writer;
  },
): Owners {
  const key = managerKey(change.writer);
  const comparison = ownableComparison(compareFields(change.before, change.after, change.type), change.ownable);
  if (isSame(comparison)) return change.owners;
  const { owners } = afterChange(change.owners, comparison, undefined);
  const taken = difference(union(comparison.modified, comparison.added), NEVER_OWNED);
  if (isEmptySet(taken)) return owners;
  const own = union(owners.get(key)?.fields ?? EMPTY_SET, taken);
  return withFewUpdaters(new Map(owners).set(key, { ...change.writer, fields: own }));
}

function ownable(set: FieldSet, rule: OwnableFields): FieldSet {
  switch (rule) {
    case "all":
      return set;
    case "without-status":
      return withoutBelow(set, STATUS);
    case "only-status":
      return onlyBelow(set, "f:status");
    default:
      return rule satisfies never;
  }
}

function ownableComparison({ added, modified, removed }: Comparison, rule: OwnableFields): Comparison {
  return { added: ownable(added, rule), modified: ownable(modified, rule), removed: ownable(removed, rule) };
}

function isSame({ added, modified, removed }: Comparison): boolean {
  return isEmptySet(added) && isEmptySet(modified) && isEmptySet(removed);
}

const STATUS = fieldSet(["f:status"]);

/** Fields that say which object this is; they belong to nobody (upstream's stripMeta). */
const NEVER_OWNED = fieldSet(
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion"].map(
    (name) => ["f:metadata", `f:${name}`],
  ),
);

interface AfterChange {
  readonly owners: Map<string, Owned>;
  readonly conflicts: readonly FieldConflict[];
}

/** Everybody but the writer loses what was changed or taken away. */
function afterChange(owners: Owners, { added, modified, removed }: Comparison, writer: string | undefined): AfterChange {
  const changed = union(added, modified);
  const conflicts: FieldConflict[] = [];
  const left = new Map<string, Owned>();
  for (const [key, owned] of owners) {
    let { fields } = owned;
    if (key !== writer) {
      const taken = intersection(fields, changed);
      conflicts.push(...pathsOf(taken).map((path) => ({ owner: owned, path })));
      fields = difference(difference(fields, taken), removed);
    }
    if (fields === owned.fields || !isEmptySet(fields)) left.set(key, fields === owned.fields ? owned : { ...owned, fields });
  }
  return { owners: left, conflicts };
}

function withoutIdentity(owners: Owners, key: string): Map<string, Owned> {
  const left = new Map(owners);
  const own = left.get(key);
  if (own === undefined) return left;
  const fields = difference(own.fields, NEVER_OWNED);
  if (isEmptySet(fields)) left.delete(key);
  else left.set(key, { ...own, fields });
  return left;
}

/** Takes away what the applier gave last time and nobody gives now. */
function prune(merged: unknown, owners: Owners, last: FieldSet, type: MergeType): unknown {
  if (isEmptySet(last)) return merged;
  const lastNamed = withNamedParts(last, type);
  const bare = removeFields(merged, lastNamed, type);
  let managed = EMPTY_SET;
  for (const { fields } of owners.values()) managed = union(managed, fields);
  const all = withNamedParts(fieldsIn(merged, type), type);
  const present = (value: unknown): FieldSet => withNamedParts(fieldsIn(value, type), type);
  const kept = removeFields(merged, difference(all, union(present(bare), withNamedParts(managed, type))), type);
  // Only what this applier itself gave goes: what lies below and is nobody's stays with what is somebody's.
  return removeFields(merged, intersection(difference(all, present(kept)), lastNamed), type);
}
