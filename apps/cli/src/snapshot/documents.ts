/** A JSON value as read or to be written. */
export type Json = Readonly<Record<string, unknown>>;

/** One file of a snapshot: what `kubectl get … -o json` or `aws … --output json` prints. */
export interface SnapshotDocument {
  /** The file's name, without a folder. */
  readonly file: string;
  /** The command that prints the same. */
  readonly from: string;
  readonly json: Json;
}

/** Something that could not be read; the rest went on. */
export interface UnreadDocument {
  readonly from: string;
  /** AWS's error code, or the API server's reason. */
  readonly code: string;
  readonly message: string;
  /** `iam` and `rbac` permissions that the read needs. */
  readonly needs: string;
}

export interface Collected {
  readonly documents: readonly SnapshotDocument[];
  readonly unread: readonly UnreadDocument[];
}

/** The value as an object with string keys, if it is one. */
export function asJson(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The objects of a list; empty for what is none. */
export function objectsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(asJson).filter((item) => item !== undefined) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What differs, in its first order. */
export function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.flatMap((value) => value ?? []))];
}
