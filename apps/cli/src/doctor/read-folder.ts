import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SnapshotDocument } from "@slash28/advisor";
import { usageError } from "../output/index.ts";
import { isForPeople } from "../snapshot/for-people.ts";
import { MANIFEST_FILE, type SnapshotManifest } from "../snapshot/manifest.ts";

/** A saved snapshot: of `slash28 snapshot`, or files saved by hand. */
export interface SavedSnapshot {
  readonly documents: readonly SnapshotDocument[];
  /** Absent for files saved by hand. */
  readonly manifest?: SnapshotManifest;
}

/** Reads every file of a folder and of the folders in it; a file is what its content says. */
export function readFolder(folder: string): SavedSnapshot {
  const files = filesIn(folder);
  const manifest = manifestIn(folder, files);
  const documents = files
    .filter((file) => file !== MANIFEST_FILE && (manifest === undefined || !isForPeople(file)))
    .map((file) => documentIn(folder, file));
  if (documents.length === 0) throw usageError(`there is nothing in ${folder}; slash28 snapshot --out ${folder} makes a snapshot`);
  return { documents, ...(manifest === undefined ? {} : { manifest }) };
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
      .toSorted();
  } catch (cause) {
    const why =
      cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "there is no such folder" : "it cannot be read as a folder";
    throw usageError(`${folder}: ${why}; name one that slash28 snapshot --out has written`);
  }
}

function documentIn(folder: string, file: string): SnapshotDocument {
  const text = readFileSync(join(folder, file), "utf8");
  try {
    return { name: file, value: JSON.parse(text) as unknown };
  } catch {
    return { name: file, value: text };
  }
}

function manifestIn(folder: string, files: readonly string[]): SnapshotManifest | undefined {
  if (!files.includes(MANIFEST_FILE)) return undefined;
  const { value } = documentIn(folder, MANIFEST_FILE);
  const read = value as Partial<SnapshotManifest> | null;
  if (read === null || typeof read !== "object" || read.kind !== "Slash28Snapshot") return undefined;
  // A later slash28 may write more than this one knows; what it does not know it passes over, and tells.
  if (read.format !== 1)
    throw usageError(`${folder} is a snapshot of format ${String(read.format)}, and this slash28 reads format 1; use a newer slash28`);
  return { takenAt: "", slash28: "", isRedacted: false, documents: [], unread: [], ...read, kind: "Slash28Snapshot", format: 1 };
}
