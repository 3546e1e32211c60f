import { sameJson, withField } from "./fields.ts";
import type { KubeObject, ObjectMeta } from "./kube-object.ts";

/** What the API server alone decides about an object's birth. */
export interface Birth {
  readonly uid: string;
  /** RFC 3339, whole seconds. */
  readonly now: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Whether changes of this type's spec are counted. */
  readonly hasGeneration: boolean;
}

/** The object as it is first stored: identity given, everything the server owns reset. */
export function born(object: KubeObject, birth: Birth): KubeObject {
  const { resourceVersion: _version, deletionTimestamp: _deletion, managedFields: _fields, selfLink: _link, ...kept } = object.metadata;
  const { deletionGracePeriodSeconds: _grace, namespace: _namespace, generation: _generation, ...rest } = kept;
  const metadata: ObjectMeta = {
    ...rest,
    name: birth.name,
    ...(birth.namespace === undefined ? {} : { namespace: birth.namespace }),
    uid: birth.uid,
    creationTimestamp: birth.now,
    ...(birth.hasGeneration ? { generation: 1 } : {}),
  };
  return { ...object, metadata };
}

/** Which part of an object a request may change. `scale` is written as the main part. */
export type WrittenPart = "main" | "status";

/**
 * The object after an update: what the client sent, without what it may not touch. A changed spec (anything but metadata and
 * status) raises the generation.
 */
export function updated(before: KubeObject, sent: KubeObject, part: WrittenPart, hasStatusPart: boolean): KubeObject {
  if (part === "status") {
    const metadata = { ...before.metadata, ...versionOf(sent.metadata) };
    return withField({ ...before, metadata }, "status", sent["status"]);
  }
  const kept = hasStatusPart ? withField(sent, "status", before["status"]) : sent;
  const generation = (before.metadata.generation ?? 1) + (sameSpec(before, kept) ? 0 : 1);
  const metadata = keepOwned(before.metadata, sent.metadata, generation);
  return { ...kept, apiVersion: before.apiVersion, kind: before.kind, metadata };
}

function versionOf(metadata: ObjectMeta): { readonly resourceVersion?: string } {
  return metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion };
}

const SERVER_OWNED = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generateName",
  "managedFields",
] as const;

function keepOwned(before: ObjectMeta, sent: ObjectMeta, generation: number): ObjectMeta {
  let metadata: ObjectMeta = sent;
  for (const name of SERVER_OWNED) metadata = withField(metadata, name, before[name]);
  metadata = withField(metadata, "generation", before.generation === undefined ? undefined : generation);
  return withField(metadata, "namespace", before.namespace);
}

function sameSpec(before: KubeObject, after: KubeObject): boolean {
  return sameJson(specOf(before), specOf(after));
}

function specOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const { metadata: _metadata, status: _status, apiVersion: _version, kind: _kind, ...spec } = object;
  return spec;
}

/** Whether an object marked for deletion has nothing left that holds it. */
export function isReadyToGo(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && !((deletionGracePeriodSeconds as number | undefined) ?? 0) && (finalizers ?? []).length === 0;
}
