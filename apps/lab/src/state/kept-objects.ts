import type { KubeObject, ResourceName, SavedStore, StoreWrite } from "@slash28/kube-store";
import type { KeptLog } from "./kept-document.ts";

/** One write to a cluster's objects: what an object has become, or that it is gone. */
export type ObjectRecord =
  | { readonly version: number; readonly resource: ResourceName; readonly object: KubeObject }
  | { readonly version: number; readonly resource: ResourceName; readonly gone: { readonly name: string; readonly namespace?: string } };

/** A cluster's objects, kept as the log of their writes. */
export interface KeptObjects {
  readonly saved: SavedStore | undefined;
  /** For the API server's `onWrite`. */
  onWrite(write: StoreWrite): void;
}

/** The log is written anew when it has this many times as many records as there are objects. */
const GROWTH_MAX = 8;
const RECORDS_MIN = 20_000;

export function keptObjects(log: KeptLog<ObjectRecord>): KeptObjects {
  const objects = new Map<string, ObjectRecord>();
  let version = 0;
  let records = 0;

  const take = (record: ObjectRecord): void => {
    version = record.version;
    records++;
    if ("object" in record) objects.set(keyOf(record.resource, record.object.metadata), record);
    else objects.delete(keyOf(record.resource, record.gone));
  };
  const compact = (): void => {
    // The last version may be that of a removal: it is said by the removal, once more.
    const last: ObjectRecord = { version, resource: "", gone: { name: "" } };
    log.rewrite([...objects.values(), last]);
    records = objects.size + 1;
  };

  for (const record of log.saved) take(record);
  const saved = records === 0 ? undefined : { version, objects: byResource(objects.values()) };
  if (records > 0) compact();
  return {
    saved,
    onWrite({ resource, version: written, before, after }) {
      const record = after === undefined ? goneRecord(resource, written, before) : { version: written, resource, object: after };
      take(record);
      log.append(record);
      if (records > RECORDS_MIN && records > GROWTH_MAX * objects.size) compact();
    },
  };
}

function goneRecord(resource: ResourceName, version: number, before: KubeObject | undefined): ObjectRecord {
  const { name = "", namespace } = before?.metadata ?? {};
  return { version, resource, gone: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function keyOf(
  resource: ResourceName,
  { namespace = "", name }: { readonly namespace?: string | undefined; readonly name: string },
): string {
  return `${resource}/${namespace}/${name}`;
}

function byResource(records: Iterable<ObjectRecord>): SavedStore["objects"] {
  const all: Record<ResourceName, KubeObject[]> = {};
  for (const record of records) if ("object" in record) (all[record.resource] ??= []).push(record.object);
  return all;
}
