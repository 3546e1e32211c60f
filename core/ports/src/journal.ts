/** A durable, append-only record of one program's state. Rejects with `JOURNAL_FAILED` or `JOURNAL_UNREADABLE`. */
export interface Journal {
  /** What is on the disk. */
  load(): Promise<LoadedJournal>;
  /** Resolves once the entry survives a power cut. Entries appended in one tick share a flush. */
  append(entry: string): Promise<void>;
  /** Replaces all entries by these, atomically. */
  rewrite(entries: readonly string[]): Promise<void>;
  /** Keeps a copy of the record as it is on the disk, damage included, for people to look at. Resolves to where it is. */
  keepCopy(): Promise<string>;
  close(): Promise<void>;
}

export interface LoadedJournal {
  /** Every entry up to the first that is not what was written, oldest first. A torn last one was never acknowledged and is dropped. */
  readonly entries: readonly string[];
  /** What is wrong behind them; absent when nothing is. */
  readonly damage?: string;
}
