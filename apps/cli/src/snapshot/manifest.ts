import type { Collected, UnreadDocument } from "./documents.ts";

/** `snapshot.json`: what a snapshot's folder holds, when it was taken, and what could not be read. */
export interface SnapshotManifest {
  readonly kind: "Slash28Snapshot";
  /** Counts up when a file's form changes. */
  readonly format: 1;
  readonly takenAt: string;
  readonly slash28: string;
  readonly region?: string;
  readonly cluster?: string;
  readonly isRedacted: boolean;
  readonly documents: readonly { readonly file: string; readonly from: string }[];
  readonly unread: readonly UnreadDocument[];
}

export const MANIFEST_FILE = "snapshot.json";

export interface Taken {
  readonly takenAt: string;
  readonly slash28: string;
  readonly region?: string | undefined;
  readonly cluster?: string | undefined;
  readonly isRedacted: boolean;
}

export function manifestOf({ documents, unread }: Collected, { takenAt, slash28, region, cluster, isRedacted }: Taken): SnapshotManifest {
  return {
    kind: "Slash28Snapshot",
    format: 1,
    takenAt,
    slash28,
    ...(region === undefined ? {} : { region }),
    ...(cluster === undefined ? {} : { cluster }),
    isRedacted,
    documents: documents.map(({ file, from }) => ({ file, from })),
    unread,
  };
}
