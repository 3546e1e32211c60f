import type { Clock, Log } from "@slash28/ports";
import { backOffMs } from "./back-off.ts";
import type { BackOff } from "./back-off.ts";
import { isConflict } from "./refusal.ts";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  /** Does the work for a key. A rejection is tried again with back-off; `afterMs` asks for another turn then. */
  readonly work: (key: string) => Promise<{ readonly afterMs: number } | void>;
  /** How many keys are worked on at once; one key never twice at once. Default 4. */
  readonly workers?: number;
  readonly backOff?: BackOff;
  readonly log?: Log;
}

/** Keys to work on: a key added many times before its turn gets one turn; added during its turn, one more. */
export interface WorkQueue {
  add(key: string): void;
  addAfter(key: string, ms: number): void;
  /** Resolves when nothing is waiting or worked on (delayed keys do not count). */
  idle(): Promise<void>;
  /** Drops what waits; resolves when running work has ended. */
  stop(): Promise<void>;
}

const BACK_OFF: BackOff = { firstMs: 10, longestMs: 60_000 };

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedQueue(options);
}

class KeyedQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, number>();
  /** One alarm per key: the earliest that was asked for. */
  readonly #alarms = new Map<string, { readonly at: number; readonly cancel: AbortController }>();
  #onIdle: (() => void)[] = [];
  #isStarting = false;
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    this.#waiting.add(key);
    if (this.#isStarting) return;
    this.#isStarting = true;
    // Work starts in a later microtask, so that a burst of changes told in one go makes one turn.
    queueMicrotask(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  addAfter(key: string, ms: number): void {
    const at = this.#options.clock.now() + ms;
    const pending = this.#alarms.get(key);
    if (this.#isStopped || (pending !== undefined && pending.at <= at)) return;
    pending?.cancel.abort();
    const alarm = { at, cancel: new AbortController() };
    this.#alarms.set(key, alarm);
    void this.#ring(key, ms, alarm.cancel.signal);
  }

  async #ring(key: string, ms: number, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(ms, signal);
    if (signal.aborted) return;
    this.#alarms.delete(key);
    this.add(key);
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.#settle();
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { cancel } of this.#alarms.values()) cancel.abort();
    this.#alarms.clear();
    this.#waiting.clear();
    await this.idle();
  }

  #start(): void {
    for (const key of this.#waiting) {
      if (this.#isStopped || this.#running.size >= (this.#options.workers ?? 4)) break;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#turn(key);
    }
    this.#settle();
  }

  async #turn(key: string): Promise<void> {
    try {
      const again = await this.#options.work(key);
      this.#failures.delete(key);
      if (again !== undefined) this.addAfter(key, again.afterMs);
    } catch (error) {
      this.#retry(key, error);
    } finally {
      this.#running.delete(key);
      this.#start();
    }
  }

  #retry(key: string, error: unknown): void {
    const count = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, count);
    // A conflict is the ordinary way to learn that the copy at hand is old.
    const detail = error instanceof Error ? error.message : String(error);
    if (!isConflict(error)) this.#options.log?.warn("work failed; trying again", { key, count, detail });
    this.addAfter(key, backOffMs(this.#options.backOff ?? BACK_OFF, count, this.#options.random()));
  }

  #settle(): void {
    if (this.#running.size > 0 || this.#waiting.size > 0) return;
    const listeners = this.#onIdle;
    this.#onIdle = [];
    for (const listener of listeners) listener();
  }
}
