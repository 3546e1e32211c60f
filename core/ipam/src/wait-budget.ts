import { FadingWeights } from "./fading-weights.ts";
import type { Millis } from "./reservation.ts";

/** Share of the pods that may find no free address; below what a 99th percentile leaves. */
export const MAY_WAIT_SHARE = 0.008;
/** Parts of the share that the forecast is asked for: this many while nobody waits, for fewer wait than it reckons; the whole at the share. */
const PART_MOST = 4;
/** And no fewer than this, however many waited. */
const PART_LEAST = 0.3;
/** Pods that are known to wait; more are not told apart. */
const WAITING_MOST = 256;

/** What became of a node's pods, in units of a pod now: older ones count less. */
export interface SeenWaits {
  readonly at: Millis;
  readonly pods: number;
  readonly waited: number;
}

/** How many of a node's pods found no free address when they came, and how many more may. */
export class WaitBudget {
  readonly #weights = new FadingWeights((divisor) => {
    this.#pods /= divisor;
    this.#waited /= divisor;
  });
  readonly #waiting = new Set<string>();
  #pods = 0;
  #waited = 0;

  /** Whether a pod asks for the first time. One that waits asks again and again, and is forgotten once it is served. */
  isFirst(pod: string, isServed: boolean): boolean {
    if (isServed) return !this.#waiting.delete(pod);
    if (this.#waiting.has(pod)) return false;
    if (this.#waiting.size >= WAITING_MOST) this.#waiting.clear();
    this.#waiting.add(pod);
    return true;
  }

  note(isServed: boolean, now: Millis): void {
    const weight = this.#weights.at(now);
    this.#pods += weight;
    if (!isServed) this.#waited += weight;
  }

  get isOverdrawn(): boolean {
    return this.#waited > MAY_WAIT_SHARE * this.#pods;
  }

  /** Pods that the forecast may let wait, of those it has seen: fewer after more waited than should, more after fewer did. */
  mayWait(now: Millis): number {
    const { pods, waited } = this.seen(now);
    const share = MAY_WAIT_SHARE * pods;
    return Math.min(PART_MOST * share, Math.max(PART_LEAST * share, PART_MOST * share - (PART_MOST - 1) * waited));
  }

  seen(now: Millis): SeenWaits {
    const unit = this.#weights.at(now);
    return { at: now, pods: this.#pods / unit, waited: this.#waited / unit };
  }

  /** Takes over what another one had seen. */
  recall({ at, pods, waited }: SeenWaits): void {
    const unit = this.#weights.at(at);
    this.#pods += pods * unit;
    this.#waited += waited * unit;
  }
}
