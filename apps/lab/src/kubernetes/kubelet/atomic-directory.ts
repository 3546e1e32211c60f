import { mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface DirectoryFile {
  /** Below the directory; what would lead out of it is kept inside. */
  readonly path: string;
  readonly data: string | Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

const DATA = "..data";

/**
 * Makes a directory show these files and no others, all of them at one moment: they lie in a directory of their own, `..data` is
 * a link to it, and each name a link through `..data`, as kubelet's atomic writer has it. A reader sees all old or all new files.
 */
export function writeDirectory(dir: string, files: readonly DirectoryFile[]): void {
  mkdirSync(dir, { recursive: true });
  const placed = files.map((file) => ({ ...file, path: join("/", file.path).slice(1) }));
  const before = presentVersion(dir);
  if (before !== undefined && holds(join(dir, before), placed)) return;
  const version = nextVersion(before);
  rmSync(join(dir, version), { recursive: true, force: true });
  for (const { path, data, mode } of placed) {
    const target = join(dir, version, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, data, { mode });
  }
  mkdirSync(join(dir, version), { recursive: true });
  relink(join(dir, DATA), version);
  const names = new Set(placed.map(({ path }) => path.split("/")[0] ?? ""));
  for (const name of readdirSync(dir)) if (!name.startsWith("..") && !names.has(name)) rmSync(join(dir, name), { force: true });
  for (const name of names) relink(join(dir, name), join(DATA, name));
  if (before !== undefined) rmSync(join(dir, before), { recursive: true, force: true });
}

function presentVersion(dir: string): string | undefined {
  try {
    return readlinkSync(join(dir, DATA));
  } catch {
    return undefined;
  }
}

/** `..1`, `..2`, …: a name of its own for each version. */
function nextVersion(before: string | undefined): string {
  return `..${Number(before?.slice(2) ?? 0) + 1}`;
}

function holds(dir: string, files: readonly DirectoryFile[]): boolean {
  const there = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (there.length !== files.length) return false;
  return files.every(({ path, data }) => {
    try {
      return readFileSync(join(dir, path)).equals(typeof data === "string" ? Buffer.from(data) : data);
    } catch {
      return false;
    }
  });
}

/** In one step: a reader never finds the link missing. */
function relink(path: string, target: string): void {
  const next = join(dirname(path), `..new-${basename(path)}`);
  rmSync(next, { force: true });
  symlinkSync(target, next);
  renameSync(next, path);
}
