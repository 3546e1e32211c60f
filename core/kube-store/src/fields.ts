/** A JSON object whose fields are not known beforehand. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; one without fields when it is anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The value as a list; an empty one when it is anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** The value found by following field names downwards; `undefined` as soon as one is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (!isFields(found)) return undefined;
    found = own(found, name);
  }
  return found;
}

/** A field of the object itself, never one of its prototype. */
export function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The object with one field set, or, when `value` is `undefined`, without it. */
export function withField<T extends Fields>(fields: T, name: string, value: unknown): T {
  if (value === undefined) {
    if (!Object.hasOwn(fields, name)) return fields;
    const { [name]: _gone, ...rest } = fields;
    return rest as T;
  }
  return fields[name] === value ? fields : { ...fields, [name]: value };
}

/** The object with the value at a path set (or taken away), objects in between made as needed. */
export function withAt<T extends Fields>(fields: T, path: readonly string[], value: unknown): T {
  const [name, ...rest] = path;
  if (name === undefined) return fields;
  if (rest.length === 0) return withField(fields, name, value);
  if (value === undefined && !isFields(own(fields, name))) return fields;
  return withField(fields, name, withAt(fieldsOf(own(fields, name)), rest, value));
}

/** Whether two JSON values are the same; order of fields does not count, a field that is `undefined` counts as missing. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  if (!isFields(left) || !isFields(right)) return false;
  for (const name of Object.keys(left)) if (!sameJson(left[name], own(right, name))) return false;
  for (const name of Object.keys(right)) if (right[name] !== undefined && own(left, name) === undefined) return false;
  return true;
}

/** Makes the value and everything in it unchangeable. What is frozen already is taken as frozen all through. */
export function freezeJson<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freezeJson(inner);
  return Object.freeze(value);
}
