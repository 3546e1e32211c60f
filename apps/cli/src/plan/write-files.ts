import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PlanFile } from "@slash28/advisor";
import { usageError } from "../output/index.ts";

/** Writes all of the files, or none: what is there already stays, unless it may be overwritten. */
export function writeFiles(folder: string, files: readonly PlanFile[], mayOverwrite: boolean): void {
  const paths = files.map(({ path, text }) => ({ path: join(folder, path), text }));
  const there = paths.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (there.length > 0 && !mayOverwrite)
    throw usageError(
      `${there.join(", ")} ${there.length === 1 ? "is" : "are"} there already; add --force to overwrite, or name another folder`,
    );
  for (const { path, text } of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
