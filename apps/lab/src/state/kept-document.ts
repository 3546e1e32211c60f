/**
 * What a part of the lab remembers, as plain JSON. With `lab up --state DIR` it outlives the lab: when `keep` returns, the lab may be
 * killed and the value is there. Without, `saved` is absent and `keep` does nothing.
 */
export interface KeptDocument<T> {
  /** What was kept by the lab before this one; `undefined` at first. */
  readonly saved: T | undefined;
  keep(value: T): void;
}

/** The same for what grows by records: each is there once `append` returns. Plain JSON. */
export interface KeptLog<T> {
  /** The records of the labs before this one, oldest first. */
  readonly saved: readonly T[];
  append(record: T): void;
  /** Puts these records in place of all there are, at once or not at all. */
  rewrite(records: Iterable<T>): void;
}

/** Where the lab's parts keep what they remember. One name belongs to one part. */
export interface StateStore {
  /** Whether there is anything of an earlier lab. */
  readonly isRestored: boolean;
  document<T>(name: string): KeptDocument<T>;
  log<T>(name: string): KeptLog<T>;
  /** Says that what is kept is a whole lab: from now on a lab that starts here goes on from it. */
  markComplete(): void;
  /** Where the nodes' disks are kept; absent when nothing is. */
  readonly disks?: string;
  /** Writes what is still on its way to the disk, and lets go of it. */
  close(): void;
}

/** Remembers nothing past the lab's end. */
export const NO_STATE: StateStore = {
  isRestored: false,
  document: () => ({ saved: undefined, keep: () => undefined }),
  log: () => ({ saved: [], append: () => undefined, rewrite: () => undefined }),
  markComplete: () => undefined,
  close: () => undefined,
};
