import type { CancelSignal, Clock, Kube, KubeObject, KubeResource, ListOptions, Log, WatchEvent } from "@slash28/ports";
import { backOffMs } from "./back-off.ts";
import type { BackOff } from "./back-off.ts";
import { FIRST_PHASE, nextPhase } from "./informer-phase.ts";
import type { InformerHappening, InformerPhase } from "./informer-phase.ts";
import { ObjectStore, keyOf } from "./object-store.ts";
import type { IndexKeys, ObjectChange } from "./object-store.ts";
import { isGone } from "./refusal.ts";

export interface InformerOptions<T extends KubeObject> extends ListOptions {
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log?: Log;
  readonly indexes?: Readonly<Record<string, IndexKeys<T>>>;
  readonly backOff?: BackOff;
}

/** A live copy of one resource. Starts at once and goes on until stopped. */
export interface Informer<T extends KubeObject> {
  get(name: string, namespace?: string): T | undefined;
  list(): readonly T[];
  /** The objects of one group of an index given in the options. */
  byIndex(index: string, group: string): readonly T[];
  /** Tells of every object known now as `added`, then of each change; the result ends it. */
  onChange(listener: (change: ObjectChange<T>) => void): () => void;
  /** Resolves after the first complete list. Never rejects: an unreachable server is tried again for ever. */
  readonly synced: Promise<void>;
  /** Resolves once nothing of it runs any more. */
  stop(): Promise<void>;
}

const BACK_OFF: BackOff = { firstMs: 200, longestMs: 30_000 };

export function createInformer<T extends KubeObject>(kube: Kube, resource: KubeResource, options: InformerOptions<T>): Informer<T> {
  const store = new ObjectStore<T>(options.indexes);
  const listeners = new Set<(change: ObjectChange<T>) => void>();
  const abort = new AbortController();
  const tell = (change: ObjectChange<T> | undefined): void => {
    if (change !== undefined) for (const listener of listeners) listener(change);
  };
  let markSynced = (): void => undefined;
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  const feed: Feed<T> = {
    list: (items) => {
      for (const change of store.replaceAll(items)) tell(change);
      markSynced();
    },
    event: (event) => {
      if (event.type === "DELETED") tell(store.remove(event.object));
      else if (event.type !== "BOOKMARK") tell(store.put(event.object));
    },
  };
  const running = follow(kube, resource, options, { feed, signal: abort.signal });
  return {
    get: (name, namespace) => store.get(keyOf(name, namespace)),
    list: () => store.list(),
    byIndex: (index, group) => store.byIndex(index, group),
    onChange(listener) {
      for (const object of store.list()) listener({ type: "added", object });
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    synced,
    async stop() {
      listeners.clear();
      abort.abort();
      await running;
    },
  };
}

interface Feed<T extends KubeObject> {
  list(items: readonly T[]): void;
  event(event: WatchEvent<T>): void;
}

interface Run<T extends KubeObject> {
  readonly feed: Feed<T>;
  readonly signal: CancelSignal;
}

/** List, watch, and again, until the signal. */
async function follow<T extends KubeObject>(kube: Kube, resource: KubeResource, options: InformerOptions<T>, run: Run<T>): Promise<void> {
  const selection = selectionOf(options);
  let phase: InformerPhase = FIRST_PHASE;
  const happened = (happening: InformerHappening): void => {
    phase = nextPhase(phase, happening);
  };
  while (!run.signal.aborted) {
    try {
      if (phase.resourceVersion === undefined) {
        const listed = await kube.list<T>(resource, selection);
        if (run.signal.aborted) return;
        run.feed.list(listed.items);
        happened({ kind: "listed", resourceVersion: listed.resourceVersion });
      }
      let events = 0;
      for await (const event of kube.watch<T>(resource, phase.resourceVersion ?? "", { ...selection, signal: run.signal })) {
        if (run.signal.aborted) return;
        run.feed.event(event);
        events++;
        happened({
          kind: "event",
          resourceVersion: event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion,
        });
      }
      happened({ kind: "closed", events });
    } catch (error) {
      happened(isGone(error) ? { kind: "gone" } : { kind: "failed" });
      const detail = error instanceof Error ? error.message : String(error);
      if (!isGone(error)) options.log?.warn("cannot follow a resource; trying again", { resource: resource.plural, detail });
    }
    const waitMs = backOffMs(options.backOff ?? BACK_OFF, phase.failures, options.random());
    if (waitMs > 0 && !run.signal.aborted) await options.clock.sleep(waitMs, run.signal);
  }
}

function selectionOf(options: ListOptions): ListOptions {
  const { namespace, labelSelector, fieldSelector } = options;
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}
