import { alreadyExists, CHANGED_MEANWHILE, conflict, expired, fail, notFound, succeed, type ResourceName, type Result } from "./failure.ts";
import { freezeJson, sameJson } from "./fields.ts";
import type { KubeObject } from "./kube-object.ts";
import { ObjectTable } from "./object-table.ts";
import { SharedParts } from "./shared-parts.ts";
import { undone, WatchLog } from "./watch-log.ts";
import { openWatch, type Watch, type WatchRequest } from "./watch.ts";

export interface StoreOptions {
  /** Changes kept per resource for watches to resume from. */
  readonly historyMax?: number;
  /** What an earlier store held: this one goes on from there. Watches from before answer 410, as after an API server's restart. */
  readonly saved?: SavedStore | undefined;
}

/** Everything that must outlive a store; plain JSON. */
export interface SavedStore {
  /** The version of the last write, of any resource. */
  readonly version: number;
  readonly objects: Readonly<Record<ResourceName, readonly KubeObject[]>>;
}

export interface ObjectKey {
  readonly name: string;
  /** Absent: an object of a cluster-wide resource. */
  readonly namespace?: string | undefined;
}

/**
 * Every object of a cluster in memory. Each write gives the next resource version; there is one counter for all resources. Objects
 * handed out are frozen. What may be written is decided above: the store only keeps versions honest.
 */
export interface Store {
  /** The latest resource version, as a number. */
  readonly version: number;
  get(resource: ResourceName, key: ObjectKey): KubeObject | undefined;
  /** Sorted by namespace, then name. */
  list(resource: ResourceName, namespace?: string): readonly KubeObject[];
  /** The list as it was at an earlier version. Fails with 410 when what changed since is not known any more. */
  listAt(resource: ResourceName, version: number, namespace?: string): Result<readonly KubeObject[]>;
  create(resource: ResourceName, object: KubeObject): Result<KubeObject>;
  /** Refused with 409 unless the object carries the stored resource version. Writing what is there already changes nothing. */
  replace(resource: ResourceName, object: KubeObject): Result<KubeObject>;
  /** The object as it was, with the version of its removal. */
  remove(resource: ResourceName, key: ObjectKey): Result<KubeObject>;
  watch(resource: ResourceName, request: WatchRequest): Result<Watch>;
  /** Tells of every write after it is done, of any resource; the result ends it. */
  onWrite(listener: (write: StoreWrite) => void): () => void;
  /** All there is, to be given to the next store's `saved`. */
  save(): SavedStore;
}

export interface StoreWrite {
  readonly resource: ResourceName;
  /** The version this write gave. */
  readonly version: number;
  readonly before: KubeObject | undefined;
  /** Absent: it was removed. */
  readonly after: KubeObject | undefined;
}

const HISTORY_MAX = 4096;
const TOO_OLD = "The resourceVersion for the provided list is too old.";

export function createStore(options: StoreOptions = {}): Store {
  return new MemoryStore(options.historyMax ?? HISTORY_MAX, options.saved);
}

class MemoryStore implements Store {
  #version: number;
  /** The version of the first moment of this store: what came before is not in its logs. */
  readonly #firstVersion: number;
  readonly #historyMax: number;
  readonly #parts = new SharedParts();
  readonly #tables = new Map<ResourceName, ObjectTable>();
  readonly #logs = new Map<ResourceName, WatchLog>();
  readonly #listeners = new Set<(write: StoreWrite) => void>();

  constructor(historyMax: number, saved: SavedStore | undefined) {
    this.#historyMax = historyMax;
    this.#version = saved?.version ?? 0;
    this.#firstVersion = this.#version;
    for (const [resource, objects] of Object.entries(saved?.objects ?? {})) {
      for (const object of objects) this.#table(resource).set(this.#parts.share(object));
    }
  }

  get version(): number {
    return this.#version;
  }

  get(resource: ResourceName, key: ObjectKey): KubeObject | undefined {
    return this.#tables.get(resource)?.get(key.namespace, key.name);
  }

  list(resource: ResourceName, namespace?: string): readonly KubeObject[] {
    return this.#tables.get(resource)?.list(namespace) ?? [];
  }

  listAt(resource: ResourceName, version: number, namespace?: string): Result<readonly KubeObject[]> {
    const changes = this.#log(resource).since(version);
    if (changes === undefined || version > this.#version) return fail(expired(TOO_OLD));
    return succeed(undone(this.list(resource, namespace), changes, namespace));
  }

  create(resource: ResourceName, object: KubeObject): Result<KubeObject> {
    if (this.get(resource, object.metadata) !== undefined) return fail(alreadyExists(resource, object.metadata.name));
    return succeed(this.#write(resource, object));
  }

  replace(resource: ResourceName, object: KubeObject): Result<KubeObject> {
    const { name, resourceVersion } = object.metadata;
    const before = this.get(resource, object.metadata);
    if (before === undefined) return fail(notFound(resource, name));
    if (resourceVersion !== before.metadata.resourceVersion) return fail(conflict(resource, name, CHANGED_MEANWHILE));
    return succeed(sameJson(before, object) ? before : this.#write(resource, object));
  }

  remove(resource: ResourceName, key: ObjectKey): Result<KubeObject> {
    const before = this.get(resource, key);
    if (before === undefined) return fail(notFound(resource, key.name));
    this.#table(resource).delete(key.namespace, key.name);
    const version = ++this.#version;
    const last = freezeJson({ ...before, metadata: { ...before.metadata, resourceVersion: String(version) } });
    this.#log(resource).append({ version, before, after: undefined, last });
    this.#tell({ resource, version, before, after: undefined });
    return succeed(last);
  }

  watch(resource: ResourceName, request: WatchRequest): Result<Watch> {
    return openWatch({ log: this.#log(resource), version: this.#version, list: () => this.list(resource, request.namespace) }, request);
  }

  onWrite(listener: (write: StoreWrite) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  save(): SavedStore {
    return {
      version: this.#version,
      objects: Object.fromEntries([...this.#tables].map(([resource, table]) => [resource, table.list(undefined)])),
    };
  }

  #write(resource: ResourceName, object: KubeObject): KubeObject {
    const before = this.get(resource, object.metadata);
    const version = ++this.#version;
    const after = this.#parts.share({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    });
    this.#table(resource).set(after);
    this.#log(resource).append({ version, before, after, last: after });
    this.#tell({ resource, version, before, after });
    return after;
  }

  #tell(write: StoreWrite): void {
    for (const listener of this.#listeners) listener(write);
  }

  #table(resource: ResourceName): ObjectTable {
    const known = this.#tables.get(resource);
    if (known !== undefined) return known;
    const table = new ObjectTable();
    this.#tables.set(resource, table);
    return table;
  }

  #log(resource: ResourceName): WatchLog {
    const known = this.#logs.get(resource);
    if (known !== undefined) return known;
    const log = new WatchLog(this.#historyMax, this.#firstVersion);
    this.#logs.set(resource, log);
    return log;
  }
}
