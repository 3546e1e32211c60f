import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { usageError } from "../output/index.ts";
import type { SnapshotDocument } from "./documents.ts";
import { MANIFEST_FILE, type SnapshotManifest } from "./manifest.ts";

/** Refuses a folder that holds something: two snapshots in one would be read as one. */
export function checkFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw usageError(`${folder} is there already and not empty; name another folder with --out`);
}

/** Writes a snapshot that only its owner may read. */
export function writeSnapshot(folder: string, documents: readonly SnapshotDocument[], manifest: SnapshotManifest): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = [...documents.map(({ file, json }) => ({ file, json })), { file: MANIFEST_FILE, json: manifest }];
  for (const { file, json } of files) writeFileSync(join(folder, file), `${JSON.stringify(json, null, 2)}\n`, { mode: 0o600 });
}
