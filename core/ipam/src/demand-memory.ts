import { BURST_SIZE, BurstTimes, type ExpectedBurst } from "./burst-times.ts";
import { DemandSizes } from "./demand-sizes.ts";
import { HourlyPeaks } from "./hourly-peaks.ts";
import type { Millis } from "./reservation.ts";

/** Assigning addresses to an ENI at hand takes up to 0.6 s, and may have to wait for the end of the one before. */
const ASSIGN_MS = 1_000;
/** An ENI is there 2 to 5 s after it was asked for, and one may have to wait for the ENI before. */
const ATTACH_MS = 8_000;
/** Pods that may find no free address: half of what a 99th percentile leaves. */
const MISSED_SHARE = 0.005;
/** Nothing is known of a node before. */
const LEARN_MS = 3_600_000;
/** How long the static targets hold after more pods came at once than was expected. */
const SURPRISE_MS = 600_000;

/** What a node's demand was like, for its next pods. Addresses and pods are the same here. */
export interface DemandForecast {
  /** `learning`: not seen for long enough. `surprised`: more came at once a moment ago than ever before. In both the static targets hold. */
  readonly state: "learning" | "surprised" | "known";
  /** Free addresses that are enough for what comes within the time of an assignment, or of attaching an ENI. */
  readonly atOnce: { readonly assign: number; readonly attach: number };
  /** The same without bursts. */
  readonly betweenBursts: { readonly assign: number; readonly attach: number };
  /** When the next burst is expected; absent: bursts may come at any time. */
  readonly nextBurst?: ExpectedBurst;
  /** The most addresses in use or at rest in the last 24 whole hours. */
  readonly peakUsed: number;
  /** When this changes without another pod. */
  readonly changesAt: Millis;
}

/**
 * What one node's pods asked for, and when: a few hundred numbers, whatever the number of pods. It lives as long as the agent: another one learns
 * anew, by the static targets.
 */
export class DemandMemory {
  readonly #assign = new DemandSizes(ASSIGN_MS);
  readonly #attach = new DemandSizes(ATTACH_MS);
  readonly #bursts = new BurstTimes();
  readonly #peaks = new HourlyPeaks();
  #since: Millis | undefined;
  #surprisedAt = Number.NEGATIVE_INFINITY;

  /** A pod got an address, the first time it had one; `used`: addresses in use or at rest with it. */
  asked(used: number, now: Millis): void {
    this.#since ??= now;
    const expected = this.#attach.enoughFor(MISSED_SHARE);
    const size = this.#attach.note(now);
    this.#assign.note(now);
    this.#bursts.note(size, now);
    this.#peaks.note(used, now);
    if (size >= BURST_SIZE && size > expected) this.#surprisedAt = now;
  }

  forecast(used: number, now: Millis): DemandForecast {
    // A clock that was set back: what is not past yet is not known.
    if (this.#since === undefined || now < this.#since) this.#since = now;
    const nextBurst = this.#bursts.expected(now);
    const knownAt = this.#since + LEARN_MS;
    const calmAt = this.#surprisedAt + SURPRISE_MS;
    const burstTimes = [this.#bursts.endsAt(now), nextBurst?.from, nextBurst?.until];
    const changes = [knownAt, calmAt, this.#peaks.nextAt(now), ...burstTimes].filter((at): at is Millis => at !== undefined && at > now);
    return {
      state: now < knownAt ? "learning" : now < calmAt && now >= this.#surprisedAt ? "surprised" : "known",
      atOnce: { assign: this.#assign.enoughFor(MISSED_SHARE), attach: this.#attach.enoughFor(MISSED_SHARE) },
      betweenBursts: {
        assign: this.#assign.enoughFor(MISSED_SHARE, BURST_SIZE - 1),
        attach: this.#attach.enoughFor(MISSED_SHARE, BURST_SIZE - 1),
      },
      ...(nextBurst === undefined ? {} : { nextBurst }),
      peakUsed: this.#peaks.before(now) ?? used,
      changesAt: Math.min(...changes),
    };
  }
}
