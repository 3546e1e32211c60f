import type { Clock, KubeObject, Millis } from "@slash28/ports";
import type { ObjectChange } from "@slash28/kube";

/**
 * What a controller has asked for and not yet seen. Its view trails the API server: without this it would create again what
 * it has just created. A key with open expectations is left alone until they are met, or have been open for too long
 * (an event was missed).
 */
export interface Expectations {
  expectCreations(key: string, count: number): void;
  /** A creation was refused: it will never be seen. */
  creationFailed(key: string): void;
  expectDeletions(key: string, uids: readonly string[]): void;
  deletionFailed(key: string, uid: string): void;
  observe(key: string, change: ObjectChange<KubeObject>): void;
  isMet(key: string): boolean;
  forget(key: string): void;
}

/** As long as upstream waits before it trusts its view again. */
const TOO_LONG_MS = 5 * 60_000;

interface Open {
  creations: number;
  readonly deletions: Set<string>;
  since: Millis;
}

export function createExpectations(clock: Clock): Expectations {
  const open = new Map<string, Open>();
  const of = (key: string): Open => {
    const entry = open.get(key) ?? { creations: 0, deletions: new Set<string>(), since: clock.now() };
    entry.since = clock.now();
    open.set(key, entry);
    return entry;
  };
  const close = (key: string): void => {
    const entry = open.get(key);
    if (entry !== undefined && entry.creations <= 0 && entry.deletions.size === 0) open.delete(key);
  };
  const created = (key: string): void => {
    const entry = open.get(key);
    if (entry !== undefined) entry.creations--;
    close(key);
  };
  const deleted = (key: string, uid: string): void => {
    open.get(key)?.deletions.delete(uid);
    close(key);
  };
  return {
    expectCreations: (key, count) => {
      if (count > 0) of(key).creations += count;
    },
    creationFailed: created,
    expectDeletions: (key, uids) => {
      if (uids.length > 0) for (const uid of uids) of(key).deletions.add(uid);
    },
    deletionFailed: deleted,
    observe(key, change) {
      if (change.type === "added") created(key);
      const { uid, deletionTimestamp } = change.object.metadata;
      if (change.type === "deleted" || deletionTimestamp !== undefined) deleted(key, uid ?? "");
    },
    isMet(key) {
      const entry = open.get(key);
      return entry === undefined || clock.now() - entry.since >= TOO_LONG_MS;
    },
    forget: (key) => void open.delete(key),
  };
}
