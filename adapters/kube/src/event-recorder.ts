import type { Clock, Kube, KubeMeta, KubeObject, KubeResource } from "@slash28/ports";
import { isAlreadyExists, isNotFound, refusedStatus } from "./refusal.ts";

export interface EventSource {
  /** What reports, for example `kubelet`. */
  readonly component: string;
  /** The node it reports from. */
  readonly host?: string;
}

/** One thing to tell about one object. */
export interface EventReport {
  readonly type: "Normal" | "Warning";
  /** One word in upper camel case. */
  readonly reason: string;
  readonly message: string;
  /** What was tried, for example `ec2:CreateTags`. */
  readonly action?: string;
  /** A part of the object, for example `spec.containers{web}`. */
  readonly fieldPath?: string;
}

/** A Kubernetes event (core/v1) as stored. */
export interface KubeEvent extends KubeObject {
  readonly involvedObject: Readonly<Record<string, string | undefined>>;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly action?: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
}

export interface EventRecorderOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly source: EventSource;
}

/** Tells people what happens to objects. The same report about the same object counts up one event instead of making another. */
export interface EventRecorder {
  /** Never rejects: an event lost must not stop the work it tells of. Resolves to whether it was stored. */
  record(object: KubeObject, report: EventReport): Promise<boolean>;
}

const EVENTS: KubeResource = { group: "", version: "v1", plural: "events" };

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  // Reports of one event go one after the other, so that its count misses none.
  const tails = new Map<string, Promise<boolean>>();
  const store = async (name: string, object: KubeObject, report: EventReport): Promise<boolean> => {
    await tails.get(name);
    return await recordEvent(options, object, report).catch(() => false);
  };
  return {
    async record(object, report) {
      const name = eventName(object.metadata, options.source, report);
      const tail = store(name, object, report);
      tails.set(name, tail);
      const isStored = await tail;
      if (tails.get(name) === tail) tails.delete(name);
      return isStored;
    },
  };
}

/** Stores one report: a new event, or one more count of the event that says the same. Rejects with the API server's fault. */
export async function recordEvent(options: EventRecorderOptions, object: KubeObject, report: EventReport): Promise<boolean> {
  const now = new Date(options.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  const namespace = object.metadata.namespace ?? "default";
  const fresh = newEvent(object, report, options.source, now);
  try {
    await options.kube.create(EVENTS, fresh);
    return true;
  } catch (error) {
    // A namespace on its way out takes no new events (403), one that is gone has none (404).
    if (refusedStatus(error) === 403 || isNotFound(error)) return false;
    if (!isAlreadyExists(error)) throw error;
  }
  const stored = await options.kube.get<KubeEvent>(EVENTS, fresh.metadata.name, namespace);
  if (stored === undefined) return false;
  const body = { count: stored.count + 1, lastTimestamp: now };
  await options.kube.patch(EVENTS, fresh.metadata.name, namespace, { kind: "merge", body });
  return true;
}

function newEvent(object: KubeObject, report: EventReport, source: EventSource, now: string): KubeEvent {
  const { metadata } = object;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: eventName(metadata, source, report), namespace: metadata.namespace ?? "default" },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      ...(report.fieldPath === undefined ? {} : { fieldPath: report.fieldPath }),
    },
    type: report.type,
    reason: report.reason,
    message: report.message,
    ...(report.action === undefined ? {} : { action: report.action }),
    source: { component: source.component, ...(source.host === undefined ? {} : { host: source.host }) },
    reportingComponent: source.component,
    reportingInstance: source.host ?? "",
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
  };
}

/** The same report has the same name, also after a restart: that is what finds the event to count up. */
function eventName(metadata: KubeMeta, source: EventSource, report: EventReport): string {
  const said = [metadata.uid, source.component, source.host, report.type, report.reason, report.fieldPath, report.message];
  return `${metadata.name.slice(0, 230)}.${fnv1a64(said.join("\0"))}`;
}

/** FNV-1a, 64 bits, as 16 hex digits. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
