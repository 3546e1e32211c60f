import type { CancelSignal } from "./clock.ts";

/** A Kubernetes object as the API server sends it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMeta;
  readonly [field: string]: unknown;
}

export interface KubeMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly generateName?: string;
  readonly [field: string]: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** A resource type: `{ group: "apps", version: "v1", plural: "deployments" }`; the core group is `""`. */
export interface KubeResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export type PatchKind = "json" | "merge" | "strategic";

/** The Kubernetes API. Rejects with `KUBE_UNREACHABLE` or `KUBE_REFUSED` (fields `status`, `reason`); a 410 on watch is `KUBE_REFUSED` with status 410. */
export interface Kube {
  get<T extends KubeObject>(resource: KubeResource, name: string, namespace?: string): Promise<T | undefined>;
  list<T extends KubeObject>(
    resource: KubeResource,
    options?: ListOptions,
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }>;
  watch<T extends KubeObject>(
    resource: KubeResource,
    resourceVersion: string,
    options?: ListOptions & { readonly signal?: CancelSignal },
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(resource: KubeResource, object: T): Promise<T>;
  update<T extends KubeObject>(resource: KubeResource, object: T, subresource?: string): Promise<T>;
  patch<T extends KubeObject>(resource: KubeResource, name: string, namespace: string | undefined, patch: PatchRequest): Promise<T>;
  /** Resolves also when the object is already gone. */
  delete(resource: KubeResource, name: string, namespace?: string, options?: DeleteOptions): Promise<void>;
}

export interface PatchRequest {
  readonly kind: PatchKind;
  readonly body: unknown;
  readonly subresource?: string;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagation?: "Foreground" | "Background" | "Orphan";
  readonly uid?: string;
}
