/**
 * What a part of the lab remembers, as plain JSON. With `lab up --state DIR` it outlives the lab: `keep` returns once a crash could not
 * lose it. Without, `saved` is absent and `keep` does nothing.
 */
export interface KeptDocument<T> {
  /** What was kept by the lab before this one; `undefined` at first. */
  readonly saved: T | undefined;
  keep(value: T): void;
}

/** Where the lab's parts keep what they remember. */
export interface StateStore {
  /** The document of that name; one name belongs to one part. */
  document<T>(name: string): KeptDocument<T>;
}

/** Remembers nothing past the lab's end. */
export const NO_STATE: StateStore = { document: () => ({ saved: undefined, keep: () => undefined }) };
