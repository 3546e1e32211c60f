import type { KubeObject } from "./kube-object.ts";

/** The key of objects that belong to no namespace. */
const CLUSTER = "";

/** The objects of one resource by namespace and name. Lists come sorted; the order is worked out again only after a new or lost name. */
export class ObjectTable {
  readonly #rooms = new Map<string, Map<string, KubeObject>>();
  readonly #sorted = new Map<string, readonly string[]>();
  #roomNames: readonly string[] | undefined;

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#rooms.get(namespace ?? CLUSTER)?.get(name);
  }

  set(object: KubeObject): void {
    const key = object.metadata.namespace ?? CLUSTER;
    let room = this.#rooms.get(key);
    if (room === undefined) {
      room = new Map();
      this.#rooms.set(key, room);
      this.#roomNames = undefined;
    }
    if (!room.has(object.metadata.name)) this.#sorted.delete(key);
    room.set(object.metadata.name, object);
  }

  delete(namespace: string | undefined, name: string): void {
    const key = namespace ?? CLUSTER;
    const room = this.#rooms.get(key);
    if (room?.delete(name) !== true) return;
    this.#sorted.delete(key);
    if (room.size > 0) return;
    this.#rooms.delete(key);
    this.#roomNames = undefined;
  }

  list(namespace: string | undefined): readonly KubeObject[] {
    if (namespace !== undefined) return this.#listRoom(namespace);
    this.#roomNames ??= [...this.#rooms.keys()].sort();
    return this.#roomNames.flatMap((name) => this.#listRoom(name));
  }

  #listRoom(key: string): readonly KubeObject[] {
    const room = this.#rooms.get(key);
    if (room === undefined) return [];
    let names = this.#sorted.get(key);
    if (names === undefined) {
      names = [...room.keys()].sort();
      this.#sorted.set(key, names);
    }
    return names.flatMap((name) => room.get(name) ?? []);
  }
}
