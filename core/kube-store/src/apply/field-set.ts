import { isFields, type Fields } from "../fields.ts";

/**
 * A set of paths in an object, as a tree. A step is written as in `fieldsV1` of managed fields: `f:name` for a field, `k:{…}` for an
 * item found by its keys, `v:…` for a plain item of a set.
 */
export interface FieldSet {
  readonly isMember: boolean;
  readonly inner: ReadonlyMap<string, FieldSet>;
}

const NOTHING: ReadonlyMap<string, FieldSet> = new Map();
const LEAF: FieldSet = { isMember: true, inner: NOTHING };

export const EMPTY_SET: FieldSet = { isMember: false, inner: NOTHING };

export function isEmptySet(set: FieldSet): boolean {
  return !set.isMember && set.inner.size === 0;
}

/** A set of paths that grows while an object is walked through. */
export class FieldSetBuilder implements FieldSet {
  isMember = false;
  readonly inner = new Map<string, FieldSetBuilder>();

  insert(path: readonly string[]): void {
    this.#nodeAt(path, 0).isMember = true;
  }

  #nodeAt(path: readonly string[], depth: number): FieldSetBuilder {
    const step = path[depth];
    if (step === undefined) return this;
    let next = this.inner.get(step);
    if (next === undefined) {
      next = new FieldSetBuilder();
      this.inner.set(step, next);
    }
    return next.#nodeAt(path, depth + 1);
  }
}

export function fieldSet(...paths: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder;
}

export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const step of path) node = node?.inner.get(step);
  return node?.isMember === true;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  const inner = new Map(left.inner);
  for (const [step, below] of right.inner) {
    const known = inner.get(step);
    inner.set(step, known === undefined ? below : union(known, below));
  }
  return { isMember: left.isMember || right.isMember, inner };
}

/** The paths of `left` that are not in `right`. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  return combine(left, right, (mine, theirs) => mine && !theirs, difference);
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (mine, theirs) => mine && theirs, intersection);
}

function combine(
  left: FieldSet,
  right: FieldSet,
  keeps: (mine: boolean, theirs: boolean) => boolean,
  below: (left: FieldSet, right: FieldSet) => FieldSet,
): FieldSet {
  const inner = new Map<string, FieldSet>();
  for (const [step, node] of left.inner) {
    const kept = below(node, right.inner.get(step) ?? EMPTY_SET);
    if (!isEmptySet(kept)) inner.set(step, kept);
  }
  return { isMember: keeps(left.isMember, right.isMember), inner };
}

/** Without the named paths and everything below them. */
export function withoutBelow(set: FieldSet, gone: FieldSet): FieldSet {
  if (gone.isMember) return EMPTY_SET;
  const inner = new Map<string, FieldSet>();
  for (const [step, node] of set.inner) {
    const removed = gone.inner.get(step);
    const kept = removed === undefined ? node : withoutBelow(node, removed);
    if (!isEmptySet(kept)) inner.set(step, kept);
  }
  return { isMember: set.isMember, inner };
}

/** Only what lies below one field of the top. */
export function onlyBelow(set: FieldSet, step: string): FieldSet {
  const found = set.inner.get(step);
  return found === undefined ? EMPTY_SET : { isMember: false, inner: new Map([[step, found]]) };
}

/** Every path of the set, in order. */
export function pathsOf(set: FieldSet): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = [];
  const walk = (node: FieldSet, path: readonly string[]): void => {
    if (node.isMember) paths.push(path);
    for (const step of [...node.inner.keys()].sort()) {
      const below = node.inner.get(step);
      if (below !== undefined) walk(below, [...path, step]);
    }
  };
  walk(set, []);
  return paths;
}

/** A path as conflicts name it: `.spec.containers[name="web"].image`. */
export function pathText(path: readonly string[]): string {
  return path.map(stepText).join("");
}

function stepText(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith("f:")) return `.${rest}`;
  if (step.startsWith("v:")) return `[=${rest}]`;
  if (!step.startsWith("k:")) return `[${rest}]`;
  const keys = parsed(rest);
  const named = isFields(keys) ? Object.entries(keys).map(([name, value]) => `${name}=${JSON.stringify(value)}`) : [];
  return `[${named.join(",")}]`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const READ_MAX = 4096;
/** What was read lately. Bounded: a set in this form takes many times the room of its `fieldsV1`. */
const read = new Map<Fields, FieldSet>();

/** Reads `fieldsV1`; what is not of that form is read as nothing. */
export function readFieldsV1(fields: unknown): FieldSet {
  if (!isFields(fields)) return EMPTY_SET;
  return { isMember: Object.hasOwn(fields, "."), inner: nodeOf(fields).inner };
}

function nodeOf(fields: Fields): FieldSet {
  const known = read.get(fields);
  if (known !== undefined) return known;
  const names = Object.keys(fields);
  if (names.length === 0) return LEAF;
  const inner = new Map<string, FieldSet>();
  for (const name of names) {
    const below = fields[name];
    if (name !== "." && isFields(below)) inner.set(name, nodeOf(below));
  }
  const set = { isMember: Object.hasOwn(fields, "."), inner };
  if (!Object.isFrozen(fields)) return set;
  if (read.size >= READ_MAX) read.clear();
  read.set(fields, set);
  return set;
}

const NO_FIELDS: Fields = Object.freeze({});
const ALIKE_MAX = 4096;
/** Parts written lately: thousands of objects of one template share what is the same in their managed fields. */
const alike = new Map<string, Fields>();

/** The set as `fieldsV1`, frozen; equal parts of different sets are one object. */
export function writeFieldsV1(set: FieldSet): Fields {
  return written(set).fields;
}

interface WrittenFields {
  readonly fields: Fields;
  readonly text: string;
}

const writtenLeaf: WrittenFields = { fields: NO_FIELDS, text: "{}" };

interface KnownWriting {
  readonly isMember: boolean;
  readonly written: WrittenFields;
}

/** What was written before, by a set's inner part: sets are values, so each part is written once however often its owners write. */
const writings = new WeakMap<ReadonlyMap<string, FieldSet>, KnownWriting>();

function written(set: FieldSet): WrittenFields {
  if (set.inner.size === 0) return writtenLeaf;
  // A set that may still grow is not remembered.
  if (set instanceof FieldSetBuilder) return writtenAnew(set);
  const known = writings.get(set.inner);
  if (known?.isMember === set.isMember) return known.written;
  const fresh = writtenAnew(set);
  writings.set(set.inner, { isMember: set.isMember, written: fresh });
  return fresh;
}

function writtenAnew(set: FieldSet): WrittenFields {
  const names = [...set.inner.keys()].sort();
  const parts = names.map((name) => [name, written(set.inner.get(name) ?? EMPTY_SET)] as const);
  const own = set.isMember ? ([[".", writtenLeaf]] as const) : [];
  const all = [...own, ...parts];
  const text = `{${all.map(([name, part]) => `${JSON.stringify(name)}:${part.text}`).join(",")}}`;
  const known = alike.get(text);
  if (known !== undefined) return { fields: known, text };
  const fields = Object.freeze(Object.fromEntries(all.map(([name, part]) => [name, part.fields])));
  if (alike.size >= ALIKE_MAX) alike.clear();
  alike.set(text, fields);
  return { fields, text };
}
