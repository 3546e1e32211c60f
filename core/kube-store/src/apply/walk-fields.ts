import { isFields, own, sameJson } from "../fields.ts";
import { FieldSetBuilder, type FieldSet } from "./field-set.ts";
import { formFor, stepToField, stepToItem, type ListType, type MergeType } from "./merge-type.ts";

/** What a value's author says something about: the paths an applied configuration owns. */
export function fieldsIn(value: unknown, type: MergeType): FieldSet {
  const found = new FieldSetBuilder();
  collect(value, type, [], found);
  return found;
}

function collect(value: unknown, type: MergeType, path: readonly string[], found: FieldSetBuilder): void {
  const form = formFor(type, value, value);
  if (form.form === "map" && isFields(value)) {
    for (const [name, field] of Object.entries(value)) {
      if (field === undefined) continue;
      const { type: below, isNamed } = form.field(name);
      const inner = [...path, stepToField(name)];
      collect(field, below, inner, found);
      if (!isNamed) found.insert(inner);
    }
    return;
  }
  if ((form.form === "set" || form.form === "items") && Array.isArray(value)) return collectItems(value, form, path, found);
  // An empty list of items says nothing of any item.
  const isNothing = Array.isArray(value) && value.length === 0 && type.form !== "leaf";
  if (!isNothing && path.length > 0) found.insert(path);
}

function collectItems(list: readonly unknown[], type: ListType, path: readonly string[], found: FieldSetBuilder): void {
  for (const item of list) {
    const step = stepToItem(type, item);
    if (step === undefined) continue;
    const inner = [...path, step];
    if (type.form === "items") collect(item, type.item(), inner, found);
    found.insert(inner);
  }
}

/** How one value differs from another. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Findings {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

export function compareFields(before: unknown, after: unknown, type: MergeType): Comparison {
  const findings = { added: new FieldSetBuilder(), modified: new FieldSetBuilder(), removed: new FieldSetBuilder() };
  compare(before, after, type, [], findings);
  return findings;
}

function compare(before: unknown, after: unknown, type: MergeType, path: readonly string[], findings: Findings): void {
  // Parts that nobody touched are shared between the two.
  if (before === after) return;
  const form = formFor(type, before, after);
  if (form.form === "map") compareMaps(before, after, form, path, findings);
  else if (form.form === "set" || form.form === "items") compareLists(before, after, form, path, findings);
  else {
    if (before !== undefined && after !== undefined && !sameJson(before, after)) findings.modified.insert(path);
  }
  if (path.length === 0) return;
  if (before === undefined) findings.added.insert(path);
  else if (after === undefined) findings.removed.insert(path);
}

function compareMaps(
  before: unknown,
  after: unknown,
  form: Extract<MergeType, { readonly form: "map" }>,
  path: readonly string[],
  findings: Findings,
): void {
  const left = isFields(before) ? before : {};
  const right = isFields(after) ? after : {};
  const visit = (name: string): void => {
    const [was, is] = [own(left, name), own(right, name)];
    if (was === is) return;
    const { type, isAlways } = form.field(name);
    // A part that is always there is empty, not missing, in an object that is there.
    const blank = (side: unknown, other: unknown): unknown => (isAlways === true && side !== undefined && isFields(other) ? {} : undefined);
    compare(was ?? blank(before, is), is ?? blank(after, was), type, [...path, stepToField(name)], findings);
  };
  for (const name of Object.keys(left)) visit(name);
  for (const name of Object.keys(right)) if (!Object.hasOwn(left, name)) visit(name);
}

function compareLists(before: unknown, after: unknown, form: ListType, path: readonly string[], findings: Findings): void {
  const left = itemsByStep(before, form);
  const right = itemsByStep(after, form);
  for (const step of new Set([...left.keys(), ...right.keys()])) {
    const [was = [], is = []] = [left.get(step), right.get(step)];
    const inner = [...path, step];
    if (was.length <= 1 && is.length <= 1) {
      compare(was[0], is[0], form.form === "items" ? form.item() : { form: "leaf" }, inner, findings);
      continue;
    }
    // Several items of one key are owned as one.
    if (was.length === 0) findings.added.insert(inner);
    else if (is.length === 0) findings.removed.insert(inner);
    else if (!sameJson(was, is)) findings.modified.insert(inner);
  }
}

function itemsByStep(list: unknown, form: ListType): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    const step = stepToItem(form, item);
    if (step === undefined) continue;
    const others = found.get(step);
    if (others === undefined) found.set(step, [item]);
    else others.push(item);
  }
  return found;
}
