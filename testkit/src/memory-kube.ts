import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicPatch,
  born,
  createStore,
  decideDeletion,
  isReadyToGo,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  updated,
} from "@slash28/kube-store";
import type { Fields, ObjectKey, Result, Store, KubeObject as StoredObject } from "@slash28/kube-store";
import { Fault } from "@slash28/ports";
import type {
  CancelSignal,
  Clock,
  DeleteOptions,
  Kube,
  KubeObject,
  KubeResource,
  ListOptions,
  PatchRequest,
  WatchEvent,
} from "@slash28/ports";

export interface MemoryKubeOptions {
  readonly clock: Pick<Clock, "now">;
  /** Changes kept per resource; a small number makes watches run into 410. */
  readonly historyMax?: number;
}

/** A Kubernetes API without a server: no defaults, no validation, no namespaces to be made first; everything else as the API does it. */
export interface MemoryKube extends Kube {
  /** Calls so far, as `verb resource`, oldest first. */
  readonly calls: readonly string[];
  /** Every call fails with what this returns, if anything: an outage, a refusal. */
  failWith(fault: ((verb: string, resource: KubeResource) => Fault | undefined) | undefined): void;
}

export function createMemoryKube(options: MemoryKubeOptions): MemoryKube {
  return new StoreKube(options);
}

class StoreKube implements MemoryKube {
  readonly calls: string[] = [];
  readonly #store: Store;
  readonly #clock: Pick<Clock, "now">;
  #fault: ((verb: string, resource: KubeResource) => Fault | undefined) | undefined;
  #uids = 0;

  constructor(options: MemoryKubeOptions) {
    this.#clock = options.clock;
    this.#store = createStore(options.historyMax === undefined ? {} : { historyMax: options.historyMax });
  }

  failWith(fault: ((verb: string, resource: KubeResource) => Fault | undefined) | undefined): void {
    this.#fault = fault;
  }

  async get<T extends KubeObject>(resource: KubeResource, name: string, namespace?: string): Promise<T | undefined> {
    this.#called("get", resource);
    return this.#store.get(nameOf(resource), { name, namespace }) as T | undefined;
  }

  async list<T extends KubeObject>(resource: KubeResource, options: ListOptions = {}) {
    this.#called("list", resource);
    const items = this.#store.list(nameOf(resource), options.namespace).filter(matcherOf(resource, options));
    return { items: items as unknown as readonly T[], resourceVersion: String(this.#store.version) };
  }

  async *watch<T extends KubeObject>(
    resource: KubeResource,
    resourceVersion: string,
    options: ListOptions & { readonly signal?: CancelSignal } = {},
  ): AsyncGenerator<WatchEvent<T>> {
    this.#called("watch", resource);
    const { signal, namespace } = options;
    const matches = matcherOf(resource, options);
    const watch = unwrap("watch", resource, this.#store.watch(nameOf(resource), { after: Number(resourceVersion), namespace, matches }));
    let wake = (): void => undefined;
    const stopListening = watch.onChange(() => wake());
    const state = { isStopped: signal?.aborted ?? false };
    const onAbort = (): void => {
      state.isStopped = true;
      wake();
    };
    signal?.addEventListener("abort", onAbort);
    try {
      while (!state.isStopped) {
        const fault = this.#fault?.("watch", resource);
        if (fault !== undefined) throw fault;
        const events = unwrap("watch", resource, watch.read());
        for (const event of events) yield event as unknown as WatchEvent<T>;
        if (events.length > 0) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      stopListening();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async create<T extends KubeObject>(resource: KubeResource, object: T): Promise<T> {
    this.#called("create", resource);
    if (resource.plural === "bindings") return this.#bind(object);
    const { name, namespace } = object.metadata;
    this.#uids++;
    const stored = born(object, { uid: `uid-${this.#uids}`, now: this.#time(), name, namespace, hasGeneration: "spec" in object });
    return unwrap("create", resource, this.#store.create(nameOf(resource), stored)) as unknown as T;
  }

  async update<T extends KubeObject>(resource: KubeResource, object: T, subresource?: string): Promise<T> {
    this.#called("update", resource);
    const before = this.#stored("update", resource, object.metadata);
    return this.#write("update", resource, before, object, subresource) as unknown as T;
  }

  async patch<T extends KubeObject>(resource: KubeResource, name: string, namespace: string | undefined, patch: PatchRequest): Promise<T> {
    this.#called("patch", resource);
    const before = this.#stored("patch", resource, { name, namespace });
    const sent = unwrap("patch", resource, patched(before, patch));
    return this.#write("patch", resource, before, sent, patch.subresource) as unknown as T;
  }

  async delete(resource: KubeResource, name: string, namespace?: string, options: DeleteOptions = {}): Promise<void> {
    this.#called("delete", resource);
    const object = this.#store.get(nameOf(resource), { name, namespace });
    if (object === undefined) return;
    if (options.uid !== undefined && options.uid !== object.metadata.uid) {
      throw refused("delete", resource, 409, "Conflict", "the uid in the precondition is another");
    }
    const deletion = decideDeletion(object, { ...options, now: this.#clock.now(), timeText });
    if (deletion.kind === "remove") this.#store.remove(nameOf(resource), { name, namespace });
    else if (deletion.kind === "mark") unwrap("delete", resource, this.#store.replace(nameOf(resource), deletion.object));
  }

  #write(verb: string, resource: KubeResource, before: StoredObject, sent: StoredObject, subresource: string | undefined): StoredObject {
    const version = sent.metadata.resourceVersion ?? before.metadata.resourceVersion;
    const next = updated(before, sent, subresource === "status" ? "status" : "main", "status" in before || subresource === "status");
    const versioned = { ...next, metadata: { ...next.metadata, ...(version === undefined ? {} : { resourceVersion: version }) } };
    const written = unwrap(verb, resource, this.#store.replace(nameOf(resource), versioned));
    if (isReadyToGo(written)) this.#store.remove(nameOf(resource), written.metadata);
    return written;
  }

  #bind<T extends KubeObject>(binding: T): T {
    const pods = { group: "", version: "v1", plural: "pods" };
    const pod = this.#stored("create", pods, binding.metadata);
    const spec = pod["spec"] as Fields;
    if ((spec["nodeName"] ?? "") !== "") throw refused("create", pods, 409, "Conflict", `pod ${pod.metadata.name} is assigned already`);
    const target = binding["target"] as { readonly name: string };
    unwrap("create", pods, this.#store.replace(nameOf(pods), { ...pod, spec: { ...spec, nodeName: target.name } }));
    return binding;
  }

  #stored(verb: string, resource: KubeResource, key: ObjectKey): StoredObject {
    const stored = this.#store.get(nameOf(resource), key);
    if (stored === undefined) throw refused(verb, resource, 404, "NotFound", `${resource.plural} "${key.name}" not found`);
    return stored;
  }

  #called(verb: string, resource: KubeResource): void {
    this.calls.push(`${verb} ${resource.plural}`);
    const fault = this.#fault?.(verb, resource);
    if (fault !== undefined) throw fault;
  }

  #time(): string {
    return timeText(this.#clock.now());
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function nameOf(resource: KubeResource): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}

function matcherOf(resource: KubeResource, options: ListOptions): (object: StoredObject) => boolean {
  const labels = unwrap("list", resource, parseLabelSelector(options.labelSelector ?? ""));
  const fields = unwrap("list", resource, parseFieldSelector(options.fieldSelector ?? "", nameOf(resource)));
  return (object) => matchesLabels(labels, object.metadata.labels) && matchesFields(fields, object);
}

function patched(before: StoredObject, patch: PatchRequest): Result<StoredObject> {
  const { kind, body } = patch;
  switch (kind) {
    case "merge":
      return { ok: true, value: applyMergePatch(before, body) as StoredObject };
    case "json":
      return applyJsonPatch(before, body) as Result<StoredObject>;
    case "strategic":
      return applyStrategicPatch(before, body, before.kind) as unknown as Result<StoredObject>;
    default:
      return kind satisfies never;
  }
}

function unwrap<T>(verb: string, resource: KubeResource, result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, reason, message } = result.failure;
  throw refused(verb, resource, code, reason, message);
}

function refused(verb: string, resource: KubeResource, status: number, reason: string, detail: string): Fault {
  return new Fault("KUBE_REFUSED", { verb, object: resource.plural, status, reason, detail });
}
