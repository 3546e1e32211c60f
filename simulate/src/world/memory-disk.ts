import { constants } from "node:fs";
import type { JournalFiles, JournalHandle } from "@slash28/linux/journal";
import type { Random, Timeline } from "@slash28/simulation";
import { forever, type Life } from "./life.ts";

interface DiskFile {
  text: string;
  /** Characters that survive a power cut. The journal's lines are ASCII: a character is a byte. */
  flushed: number;
}

export interface DiskOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  /** Whether writes and flushes fail now. */
  readonly isBroken: () => boolean;
}

const FLUSH_MOST_MS = 3;

/** A disk that keeps what was flushed, and of the rest as much as it happens to. It outlives the processes that write on it. */
export class MemoryDisk {
  readonly #options: DiskOptions;
  #names = new Map<string, DiskFile>();
  /** The names as they would be found after a power cut. */
  #flushedNames = new Map<string, DiskFile>();

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  /** Cuts what was not flushed, at any byte; a file that was renamed lately has its old or its new name. */
  tear(random: Random): void {
    if (random.chance(0.5)) this.#names = new Map(this.#flushedNames);
    for (const file of this.#names.values()) {
      file.text = file.text.slice(0, random.between(file.flushed, file.text.length));
      file.flushed = file.text.length;
    }
    this.#flushedNames = new Map(this.#names);
  }

  /** The file system as one process sees it. */
  filesOf(life: Life): JournalFiles {
    return {
      open: (path, flags) => life.during(async () => this.#open(life, path, flags)),
      readFile: (path) => life.during(async () => Buffer.from(this.#fileAt(path).text, "latin1")),
      rename: (from, to) =>
        life.during(async () => {
          this.#failIfBroken("rename");
          this.#names.set(to, this.#fileAt(from));
          this.#names.delete(from);
        }),
      rm: (path) => life.during(async () => void this.#names.delete(path)),
    };
  }

  #open(life: Life, path: string, flags: number): JournalHandle {
    if (flags === constants.O_RDONLY) return this.#directory(life);
    this.#failIfBroken("open");
    const file = this.#names.get(path) ?? { text: "", flushed: 0 };
    this.#names.set(path, file);
    if ((flags & constants.O_TRUNC) !== 0) Object.assign(file, { text: "", flushed: 0 });
    const flush = (): Promise<void> => {
      const { length } = file.text;
      return this.#later(life, () => {
        this.#failIfBroken("fsync");
        file.flushed = Math.max(file.flushed, Math.min(length, file.text.length));
      });
    };
    return {
      write: (bytes, offset) => life.during(async () => this.#write(file, bytes.subarray(offset))),
      datasync: flush,
      sync: flush,
      truncate: (length) =>
        life.during(async () => {
          file.text = file.text.slice(0, length);
          file.flushed = Math.min(file.flushed, length);
        }),
      close: async () => undefined,
    };
  }

  #write(file: DiskFile, bytes: Uint8Array): { readonly bytesWritten: number } {
    const text = Buffer.from(bytes).toString("latin1");
    const { random } = this.#options;
    if (this.#options.isBroken() && random.chance(0.5)) {
      file.text += text.slice(0, random.int(text.length));
      throw new Error("ENOSPC: no space left on device, write");
    }
    // Now and then the kernel takes a part only, as write(2) may.
    const bytesWritten = random.chance(0.02) ? random.between(1, text.length) : text.length;
    file.text += text.slice(0, bytesWritten);
    return { bytesWritten };
  }

  #directory(life: Life): JournalHandle {
    const sync = (): Promise<void> =>
      life.during(async () => {
        this.#failIfBroken("fsync");
        this.#flushedNames = new Map(this.#names);
      });
    const refuse = (): Promise<never> => Promise.reject(new Error("EISDIR: illegal operation on a directory"));
    return { write: refuse, truncate: refuse, datasync: sync, sync, close: async () => undefined };
  }

  #fileAt(path: string): DiskFile {
    const file = this.#names.get(path);
    if (file === undefined) throw Object.assign(new Error(`ENOENT: no such file or directory, ${path}`), { code: "ENOENT" });
    return file;
  }

  #failIfBroken(what: string): void {
    if (this.#options.isBroken() && this.#options.random.chance(0.5)) throw new Error(`EIO: i/o error, ${what}`);
  }

  /** Takes its time, so that other things happen meanwhile. */
  #later(life: Life, work: () => void): Promise<void> {
    if (!life.livesOn()) return forever();
    const { timeline, random } = this.#options;
    return new Promise((resolve, reject) => {
      timeline.schedule(random.between(0, FLUSH_MOST_MS), {
        label: "disk",
        isVoid: () => life.isOver,
        fire: () => {
          try {
            work();
            resolve();
          } catch (cause) {
            reject(cause);
          }
        },
      });
    });
  }
}
