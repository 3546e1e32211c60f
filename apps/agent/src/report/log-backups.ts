import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Which of the files that were put aside stay. */
export interface BackupRules {
  /** The newest so many. */
  readonly backups: number;
  /** Those younger than this. */
  readonly maxAgeMs: number;
}

const UNFINISHED = /\.gz\.\d+\.tmp$/;

/**
 * Compresses what was put aside of a log, and removes what is too old or too much; also what a crash left half done. A backup is removed only when
 * its compressed form is whole under its own name. Never rejects: what fails now is tried with the next rotation.
 */
export async function tidyBackups(path: string, rules: BackupRules, now: number): Promise<void> {
  try {
    await tidy(path, rules, now);
  } catch {
    // The log goes on; its old parts are not worth a word in it.
  }
}

async function tidy(path: string, { backups, maxAgeMs }: BackupRules, now: number): Promise<void> {
  const folder = dirname(path);
  const names = new Set(await readdir(folder));
  const stale = [...names].filter((name) => UNFINISHED.test(name) && timeOf(path, name.replace(UNFINISHED, "")) !== undefined);
  await removeAll(folder, stale);
  const found = [...names].filter((name) => timeOf(path, name) !== undefined);
  const times = [...new Set(found.map((name) => plain(name)))].sort().reverse();
  const kept = new Set(times.slice(0, backups).filter((name) => now - (timeOf(path, name) ?? 0) < maxAgeMs));
  await removeAll(
    folder,
    found.filter((name) => !kept.has(plain(name))),
  );
  for (const name of kept) {
    if (!names.has(name)) continue;
    // Compressed before a crash; only the removal was missing.
    if (!names.has(`${name}.gz`)) await compress(join(folder, name));
    await rm(join(folder, name), { force: true });
  }
}

async function compress(file: string): Promise<void> {
  // An agent that is about to end may be at the same file.
  const unfinished = `${file}.gz.${process.pid}.tmp`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(unfinished, { mode: 0o600 }));
  await rename(unfinished, `${file}.gz`);
}

async function removeAll(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(folder, name), { force: true });
}

function plain(name: string): string {
  return name.replace(/\.gz$/, "");
}

/** When a backup of this log was put aside; `undefined` for any other file. */
function timeOf(path: string, name: string): number | undefined {
  const ending = extname(path);
  const start = `${basename(path, ending)}-`;
  const file = plain(name);
  if (!file.startsWith(start) || !file.endsWith(ending)) return undefined;
  const [date = "", time = "", rest] = file.slice(start.length, file.length - ending.length).split("T");
  const at = rest === undefined ? Date.parse(`${date}T${time.replaceAll("-", ":")}Z`) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
