import type { ApiFailure, KubeObject as StoredObject, Result, Watch } from "@slash28/kube-store";
import { Fault } from "@slash28/ports";
import type { CancelSignal, DeleteOptions, Kube, KubeObject, KubeResource, ListOptions, PatchRequest, WatchEvent } from "@slash28/ports";

import type { Admission, Writer } from "./admission/admission.ts";
import { SERVER } from "./authentication/well-known-identities.ts";
import { patchObject, updateObject } from "./operations/change-object.ts";
import { present, type Cluster, type Target, type WriteOptions } from "./operations/cluster.ts";
import { createObject } from "./operations/create-object.ts";
import { deleteObject } from "./operations/delete-object.ts";
import { evictPod } from "./operations/evict-pod.ts";
import { bindPod } from "./operations/pod-placement.ts";
import { getObject, listObjects, watchObjects } from "./operations/read-objects.ts";
import { writeScale } from "./operations/scale-object.ts";

interface Call {
  readonly verb: string;
  readonly object: string;
}

/**
 * The API without a connection, for what runs in the server's own process: the same admission, checks and conflicts. Objects it gives
 * are frozen. A pod is bound by creating a `bindings` object, and evicted by creating one of `pods/eviction`. `client` names who writes,
 * as the program's name in a user agent does over a connection: `metadata.managedFields` tells it.
 */
export function createLocalKube(cluster: Cluster, admission: Admission, client: string): Kube {
  const carryOut: CarryOut = (write) => admission.carryOut(SERVER_WRITER, (on, stage) => write(on, { stage, fieldManager: client }));
  return { ...readsOf(cluster), ...writesOf(cluster, carryOut) };
}

/** Who writes without a connection is the server itself. */
export const SERVER_WRITER: Writer = { identity: SERVER, warn: () => undefined };

/** `how` is the same for every write of a client. */
type CarryOut = <T>(write: (cluster: Cluster, how: How) => Result<T>) => Promise<Result<T>>;

type How = Required<Pick<WriteOptions, "stage" | "fieldManager">>;

function targetOf(cluster: Cluster, call: Call, resource: KubeResource, namespace: string | undefined): Target {
  const definition = cluster.registry.find(resource.group, resource.version, resource.plural);
  if (definition === undefined)
    throw refused(call, { code: 404, reason: "NotFound", message: "the server could not find the requested resource" });
  return { definition, namespace: definition.isNamespaced ? namespace : undefined };
}

function readsOf(cluster: Cluster): Pick<Kube, "get" | "list" | "watch"> {
  return {
    async get<T extends KubeObject>(resource: KubeResource, name: string, namespace?: string) {
      const call = callOf("get", resource, name, namespace);
      const found = getObject(cluster, { ...targetOf(cluster, call, resource, namespace), name });
      if (!found.ok && found.failure.code === 404) return undefined;
      return valueOf<T>(call, found);
    },
    async list<T extends KubeObject>(resource: KubeResource, options: ListOptions = {}) {
      const call = callOf("list", resource, "", options.namespace);
      const listed = listObjects(cluster, targetOf(cluster, call, resource, options.namespace), options);
      if (!listed.ok) throw refused(call, listed.failure);
      return { items: listed.value.items as readonly T[], resourceVersion: listed.value.resourceVersion };
    },
    watch<T extends KubeObject>(
      resource: KubeResource,
      resourceVersion: string,
      options: ListOptions & { readonly signal?: CancelSignal } = {},
    ) {
      const call = callOf("watch", resource, "", options.namespace);
      const open = (): OpenWatch => {
        const target = targetOf(cluster, call, resource, options.namespace);
        const watch = watchObjects(cluster, target, options, versionOf(resourceVersion));
        if (!watch.ok) throw refused(call, watch.failure);
        return { watch: watch.value, target };
      };
      return follow<T>(call, open, options.signal);
    },
  };
}

function writesOf(cluster: Cluster, carryOut: CarryOut): Pick<Kube, "create" | "update" | "patch" | "delete"> {
  return {
    async create<T extends KubeObject>(resource: KubeResource, object: T) {
      const { name, namespace } = object.metadata;
      const call = callOf("create", resource, name, namespace);
      const target = (): Target => targetOf(cluster, call, resource, namespace);
      const made = await carryOut((on, how) => createAny(on, target, resource, object, how));
      return valueOf<T>(call, made);
    },
    async update<T extends KubeObject>(resource: KubeResource, object: T, subresource?: string) {
      const { name, namespace } = object.metadata;
      const call = callOf("update", resource, name, namespace);
      const target = { ...targetOf(cluster, call, resource, namespace), name };
      const part = subresource === "scale" ? undefined : partOf(call, subresource);
      const written = await carryOut((on, how) =>
        part === undefined ? writeScale(on, target, object, how) : updateObject(on, target, object, { ...part, ...how }),
      );
      return valueOf<T>(call, objectIn(written));
    },
    async patch<T extends KubeObject>(resource: KubeResource, name: string, namespace: string | undefined, patch: PatchRequest) {
      const call = callOf("patch", resource, name, namespace);
      const target = { ...targetOf(cluster, call, resource, namespace), name };
      const part = patch.subresource === "scale" ? undefined : partOf(call, patch.subresource);
      const written = await carryOut((on, how) =>
        part === undefined ? writeScale(on, target, undefined, { patch, ...how }) : patchObject(on, target, patch, { ...part, ...how }),
      );
      return valueOf<T>(call, objectIn(written));
    },
    async delete(resource: KubeResource, name: string, namespace?: string, options: DeleteOptions = {}) {
      const call = callOf("delete", resource, name, namespace);
      const target = { ...targetOf(cluster, call, resource, namespace), name };
      const gone = await carryOut((on, { stage }) => deleteObject(on, target, { ...options, stage }));
      if (!gone.ok && gone.failure.code !== 404) throw refused(call, gone.failure);
    },
  };
}

interface OpenWatch {
  readonly watch: Watch;
  readonly target: Target;
}

function createAny(cluster: Cluster, target: () => Target, resource: KubeResource, object: KubeObject, how: How): Result<StoredObject> {
  const { name, namespace } = object.metadata;
  const pods = cluster.registry.find("", "v1", "pods");
  if (resource.group !== "" || pods === undefined) return objectIn(createObject(cluster, target(), object, how));
  const pod = { definition: pods, name, namespace };
  if (resource.plural === "bindings") return bindPod(cluster, pod, object, how);
  if (resource.plural === "pods/eviction") {
    const evicted = evictPod(cluster, pod, object, how);
    return evicted.ok ? { ok: true, value: object } : evicted;
  }
  return objectIn(createObject(cluster, target(), object, how));
}

function objectIn(written: Result<{ readonly object: StoredObject }>): Result<StoredObject> {
  return written.ok ? { ok: true, value: written.value.object } : written;
}

function partOf(call: Call, subresource: string | undefined): { readonly part: "main" | "status" } {
  if (subresource === undefined || subresource === "status") return { part: subresource ?? "main" };
  throw refused(call, { code: 404, reason: "NotFound", message: `there is no subresource ${subresource} to write` });
}

/** An empty version, or `0`, asks for what is there now and then everything new. */
function versionOf(resourceVersion: string): number | undefined {
  return resourceVersion === "" || resourceVersion === "0" ? undefined : Number(resourceVersion);
}

async function* follow<T extends KubeObject>(
  call: Call,
  open: () => OpenWatch,
  signal: CancelSignal | undefined,
): AsyncGenerator<WatchEvent<T>> {
  const { watch, target } = open();
  let wake = (): void => undefined;
  const onAbort = (): void => wake();
  const stop = watch.onChange(() => wake());
  signal?.addEventListener("abort", onAbort);
  try {
    while (!isAborted(signal)) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const read = watch.read();
      if (!read.ok) throw refused(call, read.failure);
      for (const event of read.value) {
        if (isAborted(signal)) return;
        yield { type: event.type, object: present(target.definition, event.object) as T };
      }
      if (read.value.length === 0) await changed;
    }
  } finally {
    stop();
    signal?.removeEventListener("abort", onAbort);
  }
}

function callOf(verb: string, resource: KubeResource, name: string, namespace: string | undefined): Call {
  const type = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
  return { verb, object: [type, namespace, name].filter((part) => part !== undefined && part !== "").join(" ") };
}

function valueOf<T extends KubeObject>(call: Call, result: Result<StoredObject>): T {
  if (!result.ok) throw refused(call, result.failure);
  return result.value as T;
}

function refused(call: Call, failure: ApiFailure): Fault {
  return new Fault("KUBE_REFUSED", {
    verb: call.verb,
    object: call.object,
    status: failure.code,
    reason: failure.reason,
    detail: failure.message,
  });
}

function isAborted(signal: CancelSignal | undefined): boolean {
  return signal?.aborted === true;
}
