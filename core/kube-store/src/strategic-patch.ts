import { badRequest, fail, succeed, type Result } from "./failure.ts";
import { isFields, listOf, own, sameJson, type Fields } from "./fields.ts";
import { mergeOfKind, type FieldMerge, type PatchFields } from "./merge-keys.ts";

const ORDER = "$setElementOrder/";
const FROM_LIST = "$deleteFromPrimitiveList/";

/** A patch that cannot be carried out; caught at the entry of this file and returned as a value. */
class Refused extends Error {}

/**
 * The object with a strategic merge patch applied (Kubernetes API conventions, "strategic merge patch"): objects merge, lists
 * with a merge key merge item by item, other lists are replaced; `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…` are carried out. `type` is the published type's fields, or a kind whose merge keys are known here.
 */
export function applyStrategicPatch(object: Fields, patch: unknown, type: PatchFields | string): Result<Fields> {
  if (!isFields(patch)) return fail(badRequest("a strategic merge patch is an object"));
  try {
    return succeed(mergeFields(object, patch, typeof type === "string" ? mergeOfKind(type) : type));
  } catch (error) {
    if (error instanceof Refused) return fail(badRequest(error.message));
    throw error;
  }
}

function mergeFields(original: Fields, patch: Fields, merges: PatchFields): Fields {
  const directive = patch["$patch"];
  if (directive === "replace") return withoutDirectives(without(patch, "$patch"));
  if (directive === "delete") return {};
  if (directive !== undefined && directive !== "merge") throw new Refused(`unknown patch directive $patch: ${JSON.stringify(directive)}`);
  const merged: Record<string, unknown> = retained(original, patch["$retainKeys"]);
  takeFromLists(merged, patch);
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith("$") || value === undefined) continue;
    if (value === null) delete merged[name];
    else merged[name] = mergeValue(own(merged, name), value, merges(name), own(patch, ORDER + name));
  }
  orderUntouched(merged, patch, merges);
  return merged;
}

/** `$deleteFromPrimitiveList/field`: these values leave the list. */
function takeFromLists(merged: Record<string, unknown>, patch: Fields): void {
  for (const [name, value] of Object.entries(patch)) {
    const field = name.slice(FROM_LIST.length);
    if (!name.startsWith(FROM_LIST) || !Array.isArray(merged[field])) continue;
    const gone = listOf(value);
    merged[field] = listOf(merged[field]).filter((item) => !gone.some((other) => sameJson(item, other)));
  }
}

/** `$setElementOrder/field` of lists that the patch does not change otherwise. */
function orderUntouched(merged: Record<string, unknown>, patch: Fields, merges: PatchFields): void {
  for (const [name, order] of Object.entries(patch)) {
    const field = name.slice(ORDER.length);
    if (!name.startsWith(ORDER) || own(patch, field) !== undefined || !Array.isArray(merged[field])) continue;
    const key = merges(field).key;
    if (key !== undefined) merged[field] = ordered(merged[field], listOf(order), key, merged[field]);
  }
}

function retained(original: Fields, keep: unknown): Record<string, unknown> {
  if (keep === undefined) return { ...original };
  if (!Array.isArray(keep)) throw new Refused("$retainKeys must be a list");
  return Object.fromEntries(Object.entries(original).filter(([name]) => keep.includes(name)));
}

function mergeValue(original: unknown, value: unknown, merge: FieldMerge, order: unknown): unknown {
  if (isFields(value)) return mergeFields(isFields(original) ? original : {}, value, merge.inner);
  if (!Array.isArray(value)) return value;
  if (merge.key === undefined) return value.map((item) => (isFields(item) ? withoutDirectives(item) : item));
  if (merge.key === "") return mergeSet(listOf(original), value, order);
  return mergeList(listOf(original), value, { key: merge.key, inner: merge.inner, order });
}

/** A list of plain values merged as a set. */
function mergeSet(original: readonly unknown[], patch: readonly unknown[], order: unknown): readonly unknown[] {
  const merged = [...original, ...patch.filter((item) => !original.some((other) => sameJson(item, other)))];
  return ordered(merged, order === undefined ? patch : listOf(order), "", original);
}

interface ListMerge {
  readonly key: string;
  readonly inner: PatchFields;
  readonly order: unknown;
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], merge: ListMerge): readonly unknown[] {
  const items = patch.map((item) => {
    if (!isFields(item)) throw new Refused(`items of a list merged by ${merge.key} must be objects`);
    return item;
  });
  if (items.some((item) => item["$patch"] === "replace")) {
    return items.filter((item) => item["$patch"] !== "replace").map(withoutDirectives);
  }
  let merged = [...original];
  for (const item of items) {
    const id = own(item, merge.key);
    if (id === undefined) throw new Refused(`map: ${JSON.stringify(item)} does not contain declared merge key: ${merge.key}`);
    if (item["$patch"] === "delete") {
      merged = merged.filter((other) => !isSameId(other, id, merge.key));
      continue;
    }
    const index = merged.findIndex((other) => isSameId(other, id, merge.key));
    const before = merged[index];
    const after = mergeFields(isFields(before) ? before : {}, item, merge.inner);
    if (index < 0) merged.push(after);
    else merged[index] = after;
  }
  // Without a wanted order the patch's own counts: new items come before those that only the server has.
  return ordered(merged, merge.order === undefined ? items : listOf(merge.order), merge.key, original);
}

function isSameId(item: unknown, id: unknown, key: string): boolean {
  return isFields(item) && own(item, key) === id;
}

/**
 * The items in the wanted order. Items that the wanted order does not name keep their place relative to the named ones as
 * the server's list had it.
 */
function ordered(items: readonly unknown[], order: readonly unknown[], key: string, before: readonly unknown[]): readonly unknown[] {
  const idOf = (item: unknown): unknown => (key === "" ? item : isFields(item) ? own(item, key) : undefined);
  const wanted = order.map(idOf);
  const known = before.map(idOf);
  const named = items.filter((item) => wanted.includes(idOf(item)));
  named.sort((left, right) => wanted.indexOf(idOf(left)) - wanted.indexOf(idOf(right)));
  const others = items.filter((item) => !wanted.includes(idOf(item)));
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const other = known.indexOf(idOf(others[0]));
    const next = known.indexOf(idOf(named[0]));
    const takesOther = other >= 0 && next >= 0 && other < next;
    result.push((takesOther ? others : named).shift());
  }
  return [...result, ...named, ...others];
}

function without(fields: Fields, name: string): Fields {
  const { [name]: _gone, ...rest } = fields;
  return rest;
}

/** A value taken over as it is, without the patch's instructions and its `null`s. */
function withoutDirectives(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => value !== null && !name.startsWith("$"))
      .map(([name, value]) => [name, isFields(value) ? withoutDirectives(value) : value]),
  );
}
