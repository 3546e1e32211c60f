import { setMaxListeners } from "node:events";
import type { Clock, Millis } from "@slash28/ports";

/** How long a pod that got no address counts as waiting: kubelet comes back sooner. */
const COUNTS_FOR_MS = 60_000;

/** The pods that asked and got no address: the pool's demand, and who is told when an address turns up. */
export class AddressWaiters {
  readonly #clock: Clock;
  readonly #since = new Map<string, Millis>();
  #bell = newBell();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many pods wait. */
  get count(): number {
    const oldest = this.#clock.now() - COUNTS_FOR_MS;
    for (const [who, askedAt] of this.#since) if (askedAt < oldest) this.#since.delete(who);
    return this.#since.size;
  }

  asked(who: string): void {
    this.#since.set(who, this.#clock.now());
  }

  served(who: string): void {
    this.#since.delete(who);
  }

  /** Resolves when an address may be free, or after this time. */
  wait(ms: number): Promise<void> {
    return this.#clock.sleep(ms, this.#bell.signal);
  }

  /** Tells every waiting pod to look again. */
  ring(): void {
    const bell = this.#bell;
    this.#bell = newBell();
    bell.abort();
  }
}

/** Any number of pods may wait on one bell. */
function newBell(): AbortController {
  const bell = new AbortController();
  setMaxListeners(0, bell.signal);
  return bell;
}
