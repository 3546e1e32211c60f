import { Fault, type CancelSignal, type Kube, type KubeObject, type KubeResource, type ListOptions, type WatchEvent } from "@slash28/ports";

/** The way from a part of the cluster to the API, which can be cut. Whoever is cut off notices as over a network: calls fail, watches end. */
export interface ApiConnection {
  readonly isCut: boolean;
  cut(): void;
  mend(): void;
  /** Tells when it is cut and when it is mended; the result ends it. */
  onChange(listener: (isCut: boolean) => void): () => void;
}

export function createApiConnection(): ApiConnection {
  let isCut = false;
  const listeners = new Set<(isCut: boolean) => void>();
  const become = (next: boolean): void => {
    if (next === isCut) return;
    isCut = next;
    for (const listener of listeners) listener(isCut);
  };
  return {
    get isCut() {
      return isCut;
    },
    cut: () => become(true),
    mend: () => become(false),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The API over such a way. Calls begun before the cut come to their end, as a reply under way would. */
export function overConnection(kube: Kube, connection: ApiConnection): Kube {
  const reach = (verb: string, resource: KubeResource, name = ""): void => {
    if (connection.isCut) throw unreachable(verb, resource, name);
  };
  return {
    get: async (resource, name, namespace) => (reach("get", resource, name), kube.get(resource, name, namespace)),
    list: async (resource, options) => (reach("list", resource), kube.list(resource, options)),
    create: async (resource, object) => (reach("create", resource, object.metadata.name), kube.create(resource, object)),
    update: async (resource, object, subresource) => (
      reach("update", resource, object.metadata.name),
      kube.update(resource, object, subresource)
    ),
    patch: async (resource, name, namespace, patch) => (reach("patch", resource, name), kube.patch(resource, name, namespace, patch)),
    delete: async (resource, name, namespace, options) => (
      reach("delete", resource, name),
      kube.delete(resource, name, namespace, options)
    ),
    watch: (resource, version, options) => watchOver(kube, connection, resource, version, options),
  };
}

async function* watchOver<T extends KubeObject>(
  kube: Kube,
  connection: ApiConnection,
  resource: KubeResource,
  version: string,
  options: ListOptions & { readonly signal?: CancelSignal } = {},
): AsyncIterable<WatchEvent<T>> {
  if (connection.isCut) throw unreachable("watch", resource, "");
  const end = new AbortController();
  const unlisten = connection.onChange((isCut) => {
    if (isCut) end.abort();
  });
  const stop = (): void => end.abort();
  options.signal?.addEventListener("abort", stop, { once: true });
  if (options.signal?.aborted === true) end.abort();
  try {
    yield* kube.watch<T>(resource, version, { ...options, signal: end.signal });
  } finally {
    unlisten();
    options.signal?.removeEventListener("abort", stop);
  }
  if (connection.isCut) throw unreachable("watch", resource, "");
}

function unreachable(verb: string, resource: KubeResource, name: string): Fault {
  return new Fault("KUBE_UNREACHABLE", { verb, object: `${resource.plural} ${name}`.trim(), detail: "the way to the API is cut" });
}
