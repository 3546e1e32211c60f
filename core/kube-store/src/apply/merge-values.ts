import { isFields, own } from "../fields.ts";
import { FieldSetBuilder, type FieldSet } from "./field-set.ts";
import { formFor, LEAF_TYPE, OPEN_TYPE, stepToField, stepToItem, type ListType, type MergeType } from "./merge-type.ts";

/** The live value with an applied configuration laid over it. Nothing is taken away. */
export function mergeValues(live: unknown, config: unknown, type: MergeType): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  const form = formFor(type, live, config);
  switch (form.form) {
    case "map": {
      const merged: Record<string, unknown> = { ...(isFields(live) ? live : {}) };
      for (const [name, value] of Object.entries(isFields(config) ? config : {})) {
        merged[name] = mergeValues(own(merged, name), value, form.field(name).type);
      }
      return merged;
    }
    case "set":
    case "items":
      return mergeLists(live, config, form);
    case "leaf":
    case "open":
      return config;
    default:
      return form satisfies never;
  }
}

interface Item {
  readonly step: string | undefined;
  readonly value: unknown;
}

/**
 * The items of both lists: those of the configuration in its order, those that only the live list has near where they were
 * (structured-merge-diff v6, which keeps the order of the applied list among the shared items).
 */
function mergeLists(live: unknown, config: unknown, type: ListType): unknown {
  const left = itemsOf(live, type);
  const right = itemsOf(config, type);
  const known = new Map(left.map((item) => [item.step, item.value]));
  const wanted = new Set(right.map(({ step }) => step));
  const shared = right.map(({ step }) => step).filter((step) => known.has(step));
  const done = new Set<string | undefined>();
  const merged: unknown[] = [];
  const take = ({ step, value }: Item): void => {
    done.add(step);
    if (shared[0] === step) shared.shift();
    merged.push(type.form === "items" ? mergeValues(known.get(step), value, type.item()) : value);
  };
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [mine, theirs] = [left[l], right[r]];
    if (mine !== undefined && theirs !== undefined) {
      if (mine.step === theirs.step) {
        take(theirs);
        l++;
        r++;
        continue;
      }
      // Its turn comes with the configuration's item.
      if (wanted.has(mine.step) && shared[0] !== undefined && shared[0] !== mine.step) {
        l++;
        continue;
      }
    }
    if (mine !== undefined && !wanted.has(mine.step)) {
      merged.push(mine.value);
      l++;
      continue;
    }
    if (mine !== undefined && done.has(mine.step)) l++;
    if (theirs !== undefined) {
      take(theirs);
      r++;
    } else if (mine !== undefined && !done.has(mine.step)) l++;
  }
  return merged;
}

function itemsOf(list: unknown, type: ListType): readonly Item[] {
  return Array.isArray(list) ? list.map((value: unknown) => ({ step: stepToItem(type, value), value })) : [];
}

/** The value without the paths of a set, and without what they leave empty; `undefined` when nothing is left. */
export function removeFields(value: unknown, gone: FieldSet, type: MergeType): unknown {
  if (gone.inner.size === 0) return value;
  const form = formFor(type, value, value);
  if (form.form === "map" && isFields(value)) {
    const left: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(value)) {
      const kept = remaining(field, gone.inner.get(stepToField(name)), () => form.field(name).type);
      if (kept !== undefined) left[name] = kept;
    }
    return Object.keys(left).length === 0 ? undefined : left;
  }
  if ((form.form !== "items" && form.form !== "set") || !Array.isArray(value)) return value;
  const left = value.flatMap((item: unknown) => {
    const kept = remaining(item, gone.inner.get(stepToItem(form, item) ?? ""), () => (form.form === "set" ? LEAF_TYPE : form.item()));
    return kept === undefined ? [] : [kept];
  });
  return left.length === 0 ? undefined : left;
}

function remaining(value: unknown, gone: FieldSet | undefined, type: () => MergeType): unknown {
  if (gone === undefined) return value;
  return gone.isMember ? undefined : removeFields(value, gone, type());
}

/** The set with the parts on the way to its paths as members too, where the type names them. */
export function withNamedParts(set: FieldSet, type: MergeType): FieldSet {
  const found = new FieldSetBuilder();
  const walk = (node: FieldSet, at: MergeType, path: readonly string[]): void => {
    if (node.isMember) found.insert(path);
    for (const [step, below] of node.inner) {
      const inner = [...path, step];
      const field = at.form === "map" && step.startsWith("f:") ? at.field(step.slice(2)) : undefined;
      if (field?.isNamed === true && below.inner.size > 0) found.insert(inner);
      walk(below, field?.type ?? (at.form === "items" ? at.item() : OPEN_TYPE), inner);
    }
  };
  walk(set, type, []);
  return found;
}
