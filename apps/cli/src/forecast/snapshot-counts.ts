import { snapshotOf, type FreeCount } from "@slash28/advisor";
import { readFolder } from "../doctor/read-folder.ts";
import { usageError } from "../output/index.ts";

/** What the subnets of a snapshot had free when it was taken. */
export function countsOfSnapshot(folder: string): readonly FreeCount[] {
  const { documents, manifest } = readFolder(folder);
  const atMs = Date.parse(manifest?.takenAt ?? "");
  if (Number.isNaN(atMs))
    throw usageError(`nothing in ${folder} tells when it was saved; take snapshots with: slash28 snapshot --out ${folder}`);
  const { subnets } = snapshotOf(documents).snapshot;
  if (subnets === undefined) throw usageError(`${folder} has no subnets; see its snapshot.json for why they could not be read`);
  return subnets.map(({ id, free }) => ({ subnet: id, atMs, free }));
}
