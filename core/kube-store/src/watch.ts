import { expired, fail, succeed, type Result } from "./failure.ts";
import type { KubeObject } from "./kube-object.ts";
import type { LogEntry, WatchLog } from "./watch-log.ts";

export interface WatchRequest {
  /** Changes after this version; `undefined` starts with every object there is now, as `ADDED`. */
  readonly after?: number | undefined;
  readonly namespace?: string | undefined;
  /** Which objects the watcher sees. An object that stops matching is seen as deleted. */
  readonly matches?: ((object: KubeObject) => boolean) | undefined;
}

export interface ObjectEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
}

/** One reader's place in a resource's changes. */
export interface Watch {
  /** The version up to which everything has been read. */
  readonly version: number;
  /** What happened since the last read, oldest first. Fails with 410 when the reader fell behind the kept history. */
  read(): Result<readonly ObjectEvent[]>;
  /** Calls back, within the write, whenever there may be something to read; the result ends it. */
  onChange(wake: () => void): () => void;
}

interface WatchSource {
  readonly log: WatchLog;
  readonly version: number;
  readonly list: () => readonly KubeObject[];
}

export function openWatch(source: WatchSource, request: WatchRequest): Result<Watch> {
  const after = request.after ?? source.version;
  // A version from the future was given out by another life of this server: what it stood for is not known here.
  if (after > source.version || source.log.since(after) === undefined) return fail(tooOld(after, source.version));
  const matches = matcherOf(request);
  let initial = request.after === undefined ? source.list().filter(matches) : [];
  let version = after;
  return succeed({
    get version() {
      return version;
    },
    read() {
      const entries = source.log.since(version);
      if (entries === undefined) return fail(tooOld(version, source.version));
      const events: ObjectEvent[] = initial.map((object) => ({ type: "ADDED", object }));
      initial = [];
      for (const entry of entries) {
        const event = seen(entry, matches);
        if (event !== undefined) events.push(event);
      }
      version = entries.at(-1)?.version ?? version;
      return succeed(events);
    },
    onChange: (wake) => source.log.onAppend(wake),
  });
}

function tooOld(version: number, latest: number): ReturnType<typeof expired> {
  return expired(`too old resource version: ${version} (${latest})`);
}

function matcherOf(request: WatchRequest): (object: KubeObject) => boolean {
  const { namespace, matches = () => true } = request;
  return namespace === undefined ? matches : (object) => object.metadata.namespace === namespace && matches(object);
}

/** How a watcher with this view sees a write; `undefined` when it does not see it at all. */
function seen(entry: LogEntry, matches: (object: KubeObject) => boolean): ObjectEvent | undefined {
  const was = entry.before !== undefined && matches(entry.before);
  const is = entry.after !== undefined && matches(entry.after);
  if (is) return { type: was ? "MODIFIED" : "ADDED", object: entry.last };
  return was ? { type: "DELETED", object: entry.last } : undefined;
}
