import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { tidyBackups, type BackupRules } from "./log-backups.ts";

export interface RotatingFileOptions extends BackupRules {
  readonly path: string;
  /** The file is put aside once it is this long. */
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Hears when the disk refuses, once until it takes lines again. */
  readonly onError: (cause: unknown) => void;
}

export interface RotatingFile {
  /** Appends whole lines, at once: what was written stays written, however the program ends. Never throws. */
  write(lines: string): void;
  /** Resolves when what was put aside is compressed, and what is too old is gone. */
  idle(): Promise<void>;
}

/** What the VPC CNI keeps of its log. */
export const UPSTREAM_ROTATION = { maxBytes: 100 * 1024 * 1024, backups: 5, maxAgeMs: 30 * 24 * 3_600_000 } as const;

/**
 * A log file that is put aside at its size: renamed to `ipamd-<time>.log`, then compressed in the background. Only the rename and the new file
 * are waited for. Libraries for this write in the background too, and lose the last lines of a program that ends: those that are read.
 * Throws when the file cannot be opened.
 */
export function openRotatingFile(options: RotatingFileOptions): RotatingFile {
  const { path, maxBytes, now, onError } = options;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  let fd = openSync(path, "a", 0o600);
  let bytes = fstatSync(fd).size;
  let isRefused = false;
  let isStuck = false;
  let tidying = tidyBackups(path, options, now());

  /** Without a new file the old one goes on growing: no line may end in a part that is being compressed. */
  function rotate(): void {
    const aside = backupName(path, now());
    try {
      renameSync(path, aside);
      const next = reopen(path, aside);
      closeSync(fd);
      fd = next;
    } catch (cause) {
      if (!isStuck) onError(cause);
      isStuck = true;
      return;
    }
    isStuck = false;
    bytes = 0;
    tidying = tidying.then(() => tidyBackups(path, options, now()));
  }

  return {
    write(lines) {
      try {
        if (bytes >= maxBytes) rotate();
        // What follows a line that the disk took only half of starts a line of its own.
        bytes += writeAll(fd, isRefused ? `\n${lines}` : lines);
        isRefused = false;
      } catch (cause) {
        if (!isRefused) onError(cause);
        isRefused = true;
      }
    },
    idle: () => tidying,
  };
}

function reopen(path: string, aside: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (cause) {
    renameSync(aside, path);
    throw cause;
  }
}

function writeAll(fd: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
  return bytes.length;
}

/** `ipamd.log` at a time: `ipamd-2026-11-29T10-15-00.000.log`, as the VPC CNI's are called. Two in a millisecond differ all the same. */
function backupName(path: string, at: number): string {
  const ending = extname(path);
  const time = new Date(at).toISOString().replaceAll(":", "-").replace("Z", "");
  const name = join(dirname(path), `${basename(path, ending)}-${time}${ending}`);
  return existsSync(name) || existsSync(`${name}.gz`) ? backupName(path, at + 1) : name;
}
