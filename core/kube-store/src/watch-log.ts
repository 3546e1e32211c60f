import type { KubeObject } from "./kube-object.ts";

/** One write, as watches replay it. */
export interface LogEntry {
  readonly version: number;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
  /** The object as it was written, or as it was when it was removed. */
  readonly last: KubeObject;
}

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
    // Cut in halves, so that the cost of cutting is shared by many writes.
    if (this.#entries.length > 2 * this.#max) {
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
