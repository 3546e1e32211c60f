import type { KubeObject } from "@slash28/ports";

/** What became of one object. A `deleted` object is shown as it was last known. */
export type ObjectChange<T extends KubeObject> =
  | { readonly type: "added"; readonly object: T }
  | { readonly type: "updated"; readonly object: T; readonly before: T }
  | { readonly type: "deleted"; readonly object: T };

/** Names the groups an object belongs to, to find it by: the uid of its owner, the node it runs on. */
export type IndexKeys<T extends KubeObject> = (object: T) => readonly string[];

/** `namespace/name`, or the name alone of a cluster-scoped object. */
export function objectKey(object: KubeObject): string {
  return keyOf(object.metadata.name, object.metadata.namespace);
}

export function keyOf(name: string, namespace: string | undefined): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** The inverse of `objectKey`. */
export function splitKey(key: string): { readonly name: string; readonly namespace: string | undefined } {
  const at = key.indexOf("/");
  return at < 0 ? { name: key, namespace: undefined } : { namespace: key.slice(0, at), name: key.slice(at + 1) };
}

/** The objects of one resource as a watch has told of them. Every change in, what it means out; no I/O. */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes: ReadonlyMap<string, { readonly keys: IndexKeys<T>; readonly groups: Map<string, Map<string, T>> }>;

  constructor(indexes: Readonly<Record<string, IndexKeys<T>>> = {}) {
    this.#indexes = new Map(Object.entries(indexes).map(([name, keys]) => [name, { keys, groups: new Map() }]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  byIndex(index: string, group: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new Error(`the store has no index ${index}`);
    return [...(found.groups.get(group)?.values() ?? [])];
  }

  put(object: T): ObjectChange<T> | undefined {
    const key = objectKey(object);
    const before = this.#objects.get(key);
    const version = object.metadata.resourceVersion;
    if (before !== undefined && version !== undefined && before.metadata.resourceVersion === version) return undefined;
    this.#objects.set(key, object);
    if (before !== undefined) this.#unindex(key, before);
    this.#index(key, object);
    return before === undefined ? { type: "added", object } : { type: "updated", object, before };
  }

  remove(object: KubeObject): ObjectChange<T> | undefined {
    const key = objectKey(object);
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    this.#objects.delete(key);
    this.#unindex(key, before);
    return { type: "deleted", object: before };
  }

  /** Takes a whole list for the truth: what is not in it was deleted; an object of the same name and another uid was replaced. */
  replaceAll(items: readonly T[]): readonly ObjectChange<T>[] {
    const listed = new Map(items.map((item) => [objectKey(item), item]));
    const changes: (ObjectChange<T> | undefined)[] = [];
    for (const known of this.list()) {
      const now = listed.get(objectKey(known));
      if (now === undefined || now.metadata.uid !== known.metadata.uid) changes.push(this.remove(known));
    }
    for (const item of items) changes.push(this.put(item));
    return changes.filter((change) => change !== undefined);
  }

  #index(key: string, object: T): void {
    for (const { keys, groups } of this.#indexes.values()) {
      for (const group of keys(object)) {
        const members = groups.get(group) ?? new Map<string, T>();
        groups.set(group, members.set(key, object));
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const { keys, groups } of this.#indexes.values()) {
      for (const group of keys(object)) {
        const members = groups.get(group);
        members?.delete(key);
        if (members?.size === 0) groups.delete(group);
      }
    }
  }
}
