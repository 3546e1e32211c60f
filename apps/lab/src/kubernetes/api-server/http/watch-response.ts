import type { KubeObject, ObjectEvent, Watch } from "@slash28/kube-store";
import type { Clock } from "@slash28/ports";

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

/** A response that goes on: one JSON line for each event. The reader's pace is the writer's. */
export function respondWatch(stream: WatchStream): Response {
  const session = new WatchSession(stream);
  const body = new ReadableStream<Uint8Array>(
    { pull: (controller) => session.pull(controller), cancel: () => session.end() },
    { highWaterMark: 1 },
  );
  return new Response(body, { headers: { "content-type": "application/json", "cache-control": "no-cache, private" } });
}

/** A watch that is over with its first event. */
export function respondEvent(type: string, object: unknown): Response {
  return new Response(Uint8Array.from(line(type, object)), { headers: { "content-type": "application/json" } });
}

type Woken = "change" | "bookmark" | "end";

class WatchSession {
  readonly #stream: WatchStream;
  readonly #over = new AbortController();
  readonly #stop: () => void;
  #wake: (why: Woken) => void = () => undefined;
  #isInitialDue: boolean;
  #lastSent = "";
  #hasEnded = false;

  constructor(stream: WatchStream) {
    this.#stream = stream;
    this.#isInitialDue = stream.bookmarks === "regular-and-initial";
    this.#stop = stream.watch.onChange(() => this.#wake("change"));
    stream.closing.addEventListener("abort", this.#onClosing, { once: true });
    void stream.clock.sleep(stream.timeoutMs, this.#over.signal).then(() => this.#onClosing());
    if (stream.bookmarks !== "none") void this.#tick();
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      const woken = new Promise<Woken>((resolve) => {
        this.#wake = resolve;
      });
      const lines = this.#read();
      if (lines.length > 0) controller.enqueue(lines.length === 1 ? (lines[0] ?? Buffer.alloc(0)) : Buffer.concat(lines));
      if (this.#hasEnded || this.#stream.closing.aborted) return this.#close(controller);
      if (lines.length > 0) return;
      const why = await woken;
      if (why === "bookmark") {
        const version = String(this.#stream.watch.version);
        if (version === this.#lastSent) continue;
        this.#lastSent = version;
        controller.enqueue(line("BOOKMARK", this.#stream.bookmark(version, false)));
        return;
      }
    }
  }

  end(): void {
    this.#hasEnded = true;
    this.#stop();
    this.#over.abort();
    this.#stream.closing.removeEventListener("abort", this.#onClosing);
  }

  readonly #onClosing = (): void => {
    this.#hasEnded = true;
    this.#wake("end");
  };

  #close(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.end();
    controller.close();
  }

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
