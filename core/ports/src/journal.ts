/** A durable, append-only record of one program's state. Rejects with `JOURNAL_FAILED` or `JOURNAL_UNREADABLE`. */
export interface Journal {
  /** Every complete entry, oldest first. A torn last entry is dropped. */
  load(): Promise<readonly string[]>;
  /** Resolves once the entry survives a power cut. Entries appended in one tick share a flush. */
  append(entry: string): Promise<void>;
  /** Replaces all entries by these, atomically. */
  rewrite(entries: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
