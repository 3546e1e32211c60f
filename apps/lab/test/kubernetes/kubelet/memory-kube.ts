import { applyMergePatch, applyStrategicPatch, createStore } from "@slash28/kube-store";
import type { Fields, KubeObject as StoredObject, Store } from "@slash28/kube-store";
import { Fault } from "@slash28/ports";
import type { CancelSignal, Kube, KubeObject, KubeResource, WatchEvent } from "@slash28/ports";

/** A Kube over the object store alone: no admission, no defaults, deletion at once. */
export interface MemoryKube extends Kube {
  all<T extends KubeObject>(plural: string): readonly T[];
  /** Resolves when the objects are as asked; rejects after a while, showing them. */
  until<T extends KubeObject>(plural: string, what: string, holds: (objects: readonly T[]) => boolean): Promise<readonly T[]>;
  /** Marks a pod for deletion, as the API server does for a grace period. */
  markDeleted(name: string, graceSeconds: number): void;
}

const PODS: KubeResource = { group: "", version: "v1", plural: "pods" };
const DEADLINE_MS = 20_000;

export function memoryKube(): MemoryKube {
  const store = createStore();
  let uids = 0;
  const stored = (resource: KubeResource, name: string, namespace?: string): StoredObject => {
    const object = store.get(resource.plural, { name, namespace });
    if (object === undefined) throw refused(name, 404, "NotFound");
    return object;
  };
  const replace = (resource: KubeResource, object: StoredObject): StoredObject => {
    const result = store.replace(resource.plural, object);
    if (!result.ok) throw refused(object.metadata.name, 409, "Conflict");
    return result.value;
  };
  return {
    get: async (resource, name, namespace) => store.get(resource.plural, { name, namespace }) as never,
    list: async (resource, options) => ({
      items: store.list(resource.plural, options?.namespace) as never,
      resourceVersion: String(store.version),
    }),
    watch: (resource, version, options) => follow(store, resource.plural, Number(version), options?.signal) as never,
    async create(resource, object) {
      const result = store.create(resource.plural, { ...object, metadata: { uid: `uid-${++uids}`, ...object.metadata } });
      if (!result.ok) throw refused(object.metadata.name, 409, "AlreadyExists");
      return result.value as never;
    },
    update: async (resource, object) => replace(resource, object) as never,
    async patch(resource, name, namespace, { kind, body }) {
      const before = stored(resource, name, namespace);
      const fields = before as unknown as Fields;
      if (kind === "merge") return replace(resource, applyMergePatch(fields, body) as StoredObject) as never;
      const merged = applyStrategicPatch(fields, body, before.kind);
      if (!merged.ok) throw refused(name, 400, "BadRequest");
      return replace(resource, merged.value as unknown as StoredObject) as never;
    },
    delete: async (resource, name, namespace) => void store.remove(resource.plural, { name, namespace }),
    all: (plural) => store.list(plural) as never,
    until: (plural, what, holds) => untilStored(store, plural, what, holds as never) as never,
    markDeleted(name, graceSeconds) {
      const before = stored(PODS, name, "default");
      replace(PODS, {
        ...before,
        metadata: { ...before.metadata, deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: graceSeconds },
      });
    },
  };
}

function refused(object: string, status: number, reason: string): Fault {
  return new Fault("KUBE_REFUSED", { verb: "write", object, status, reason, detail: reason });
}

async function* follow(store: Store, plural: string, after: number, signal: CancelSignal | undefined): AsyncGenerator<WatchEvent> {
  const opened = store.watch(plural, { after });
  if (!opened.ok) throw refused(plural, 410, "Expired");
  for (;;) {
    if (signal?.aborted === true) return;
    const events = opened.value.read();
    if (!events.ok) throw refused(plural, 410, "Expired");
    yield* events.value as readonly WatchEvent[];
    if (events.value.length > 0) continue;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        stop();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const stop = opened.value.onChange(end);
      signal?.addEventListener("abort", end);
    });
  }
}

function untilStored(
  store: Store,
  plural: string,
  what: string,
  holds: (objects: readonly StoredObject[]) => boolean,
): Promise<readonly StoredObject[]> {
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      if (!holds(store.list(plural))) return false;
      clearTimeout(timer);
      stop();
      resolve(store.list(plural));
      return true;
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`did not come about: ${what}; there is ${JSON.stringify(store.list(plural), undefined, 1)}`));
    }, DEADLINE_MS);
    const stop = store.onWrite(() => void look());
    look();
  });
}
