import type { KubeObject } from "./kube-object.ts";

/** One write, as watches replay it. */
export interface LogEntry {
  readonly version: number;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
  /** The object as it was written, or as it was when it was removed. */
  readonly last: KubeObject;
}

const SLACK = 1.25;

/** The latest writes to one resource, oldest first. Readers keep their own place in it, so a slow one costs nobody else anything. */
export class WatchLog {
  readonly #max: number;
  #entries: LogEntry[] = [];
  /** The version of the last entry that was thrown away. */
  #floor: number;
  readonly #wakers = new Set<() => void>();

  constructor(max: number, floor: number) {
    this.#max = max;
    this.#floor = floor;
  }

  append(entry: LogEntry): void {
    this.#entries.push(entry);
    // More than one at a time is cut off, so that the cost of cutting is shared by many writes.
    if (this.#entries.length > SLACK * this.#max) {
      const gone = this.#entries.length - this.#max;
      this.#floor = this.#entries[gone - 1]?.version ?? this.#floor;
      this.#entries = this.#entries.slice(gone);
    }
    for (const wake of this.#wakers) wake();
  }

  /** Entries after a version; `undefined` when some of them are gone. */
  since(version: number): readonly LogEntry[] | undefined {
    if (version < this.#floor) return undefined;
    return this.#entries.slice(this.#firstAfter(version));
  }

  onAppend(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }

  #firstAfter(version: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.version ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A list, sorted by namespace and name, as it was before these changes. */
export function undone(list: readonly KubeObject[], changes: readonly LogEntry[], namespace: string | undefined): readonly KubeObject[] {
  if (changes.length === 0) return list;
  const before = new Map<string, KubeObject | undefined>();
  for (const { before: was, last } of changes) {
    const isSeen = namespace === undefined || last.metadata.namespace === namespace;
    // The oldest change of an object says what it was before all of them.
    if (isSeen && !before.has(keyOf(last))) before.set(keyOf(last), was);
  }
  const kept = list.filter((object) => !before.has(keyOf(object)));
  return [...kept, ...[...before.values()].filter((object) => object !== undefined)].sort((left, right) =>
    keyOf(left) < keyOf(right) ? -1 : 1,
  );
}

function keyOf({ metadata }: KubeObject): string {
  // Sorts as namespace, then name: no name holds the character between them.
  return `${metadata.namespace ?? ""}\0${metadata.name}`;
}
