import type { KubeObject, ObjectEvent, Watch } from "@slash28/kube-store";
import type { Clock } from "@slash28/ports";

import type { ByteSource, Reply } from "./exchange.ts";
import { statusOf } from "./respond.ts";

export interface WatchStream {
  readonly watch: Watch;
  readonly clock: Clock;
  /** After this the server ends the watch; the client starts another. */
  readonly timeoutMs: number;
  readonly bookmarks: "none" | "regular" | "regular-and-initial";
  /** A line as every watcher gets it; absent where each line is made for its watcher. */
  readonly line?: ((event: ObjectEvent) => Buffer) | undefined;
  /** How an object is sent: as it is, or as a table of one row. */
  readonly show: (object: KubeObject) => unknown;
  /** A bookmark in the same form. */
  readonly bookmark: (resourceVersion: string, isInitialEnd: boolean) => unknown;
  /** Ends the watch when the server closes. */
  readonly closing: AbortSignal;
}

const BOOKMARK_EVERY_MS = 60_000;

const HEADERS = { "content-type": "application/json", "cache-control": "no-cache, private" };

/** A reply that goes on: one JSON line for each event. The reader's pace is the writer's. */
export function respondWatch(stream: WatchStream): Reply {
  return { status: 200, headers: HEADERS, body: { kind: "stream", source: new WatchSession(stream) } };
}

/** A watch that is over with its first event. */
export function respondEvent(type: string, object: unknown): Reply {
  return { status: 200, headers: HEADERS, body: { kind: "whole", content: line(type, object) } };
}

type Woken = "change" | "bookmark" | "end";

class WatchSession implements ByteSource {
  readonly #stream: WatchStream;
  readonly #over = new AbortController();
  readonly #stop: () => void;
  #wake: (why: Woken) => void = () => undefined;
  #isInitialDue: boolean;
  #lastSent = "";
  #hasEnded = false;
  #isOver = false;

  constructor(stream: WatchStream) {
    this.#stream = stream;
    this.#isInitialDue = stream.bookmarks === "regular-and-initial";
    this.#stop = stream.watch.onChange(() => this.#wake("change"));
    stream.closing.addEventListener("abort", this.#onClosing, { once: true });
    void stream.clock.sleep(stream.timeoutMs, this.#over.signal).then(() => this.#onClosing());
    if (stream.bookmarks !== "none") void this.#tick();
  }

  async next(): Promise<Uint8Array | undefined> {
    while (!this.#isOver) {
      const woken = new Promise<Woken>((resolve) => {
        this.#wake = resolve;
      });
      const lines = this.#read();
      // What there is to say at the end is still said.
      this.#isOver = this.#hasEnded || this.#stream.closing.aborted;
      if (lines.length > 0) return lines.length === 1 ? lines[0] : Buffer.concat(lines);
      if (this.#isOver) break;
      const why = await woken;
      if (why === "bookmark") {
        const version = String(this.#stream.watch.version);
        if (version === this.#lastSent) continue;
        this.#lastSent = version;
        return line("BOOKMARK", this.#stream.bookmark(version, false));
      }
    }
    this.#end();
    return undefined;
  }

  cancel(): void {
    this.#end();
    this.#wake("end");
  }

  #end(): void {
    this.#hasEnded = true;
    this.#stop();
    this.#over.abort();
    this.#stream.closing.removeEventListener("abort", this.#onClosing);
  }

  readonly #onClosing = (): void => {
    this.#hasEnded = true;
    this.#wake("end");
  };

  #read(): readonly Buffer[] {
    const read = this.#stream.watch.read();
    if (!read.ok) {
      this.#hasEnded = true;
      return [line("ERROR", statusOf(read.failure))];
    }
    const { line: shared, show } = this.#stream;
    const lines = read.value.map((event) => shared?.(event) ?? line(event.type, show(event.object)));
    if (this.#isInitialDue) {
      this.#isInitialDue = false;
      lines.push(line("BOOKMARK", this.#stream.bookmark(String(this.#stream.watch.version), true)));
    }
    return lines;
  }

  async #tick(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#stream.clock.sleep(BOOKMARK_EVERY_MS, this.#over.signal);
      if (!this.#over.signal.aborted) this.#wake("bookmark");
    }
  }
}

function line(type: string, object: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}
