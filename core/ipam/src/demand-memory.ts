import { BurstTimes, type Burst, type ExpectedBurst, type OpeningWindows } from "./burst-times.ts";
import { DemandTable, type SeenDemand } from "./demand-table.ts";
import { enoughFree } from "./enough-free.ts";
import { HourlyPeaks, type SeenPeaks } from "./hourly-peaks.ts";
import type { Millis } from "./reservation.ts";
import { dueSituation, mostDueIn, quietSituation, quietUntil } from "./situation.ts";
import { WaitBudget, type SeenWaits } from "./wait-budget.ts";

/** Assigning addresses to an ENI at hand takes up to 0.6 s, and may have to wait for the end of the one before. */
const ASSIGN_MS = 1_000;
/** An ENI is there 2 to 5 s after it was asked for, and one may have to wait for the ENI before. */
const ATTACH_MS = 8_000;
/** Nothing is known of a node before: what comes every hour has come once by then. */
const LEARN_MS = 75 * 60_000;
/** How long the static targets hold after a pod had to wait although no more may. */
const SURPRISE_MS = 600_000;
/** What is enough is reckoned anew this long after a pod, after a burst at once, and without any pod after the longer time. */
const RECKON_AFTER_MS = 300_000;
const RECKON_EVERY_MS = 3_600_000;
/** Fewer addresses are called enough only if they were with this part of the pods that may wait: numbers that go to and fro cost EC2 calls. */
const STEADY_PART = 0.6;

type Enough = Readonly<Record<keyof OpeningWindows, readonly number[]>>;

/** What a node's demand was like, for its next pods. Addresses and pods are the same here. */
export interface DemandForecast {
  /** `learning`: not seen for long enough. `surprised`: a pod waited a moment ago although no more may. In both the static targets hold. */
  readonly state: "learning" | "surprised" | "known";
  /** One of the node's situations, see `situationText`. */
  readonly situation: number;
  /** Free addresses that are enough in it for what comes within an assignment, and within attaching an ENI. */
  readonly enough: { readonly assign: number; readonly attach: number };
  /** The most that are enough in any situation within attaching an ENI. */
  readonly enoughAttachMost: number;
  /** The burst that is due now, and the next one. */
  readonly dueBurst?: ExpectedBurst;
  readonly nextBurst?: ExpectedBurst;
  /** Pods that came and those that waited, older ones counting less; and how many of them the forecast may let wait. */
  readonly waits: SeenWaits & { readonly mayWait: number };
  /** The most addresses in use or at rest in the last 24 whole hours. */
  readonly peakUsed: number;
  /** When this changes without another pod. */
  readonly changesAt: Millis;
}

/** All of a memory as plain data. */
export interface SeenByNode {
  readonly assign: SeenDemand;
  readonly attach: SeenDemand;
  readonly bursts: readonly Burst[];
  readonly lastBurstAt: Millis | undefined;
  readonly lastPodAt: Millis | undefined;
  readonly waits: SeenWaits;
  readonly peaks: SeenPeaks;
  /** For how long it has been seen. */
  readonly seenForMs: number;
}

/** What one node's pods asked for, and when: some thousand numbers, whatever the number of pods. */
export class DemandMemory {
  readonly #assign = new DemandTable(ASSIGN_MS);
  readonly #attach = new DemandTable(ATTACH_MS);
  readonly #bursts = new BurstTimes();
  readonly #peaks = new HourlyPeaks();
  readonly #waits = new WaitBudget();
  #opening: OpeningWindows | undefined;
  #since: Millis | undefined;
  #passedAt: Millis | undefined;
  #podAt = Number.NEGATIVE_INFINITY;
  #surprisedAt = Number.NEGATIVE_INFINITY;
  #enough: Enough | undefined;
  #reckonAt: Millis = 0;

  /**
   * A pod asked for an address; `isServed`: it got one. `used`: addresses in use or at rest with its own. One that waits is demand when it comes, not
   * when it is served.
   */
  asked(pod: string, isServed: boolean, used: number, now: Millis): void {
    this.#pass(now);
    this.#peaks.note(used, now);
    if (!this.#waits.isFirst(pod, isServed)) return;
    this.#since ??= now;
    const situation = this.#situationAt(now);
    const attach = this.#attach.note(situation, now);
    const assign = this.#assign.note(situation, now);
    const isOpening = this.#opening === undefined || attach.size === 1 || assign.beganAt === this.#opening.assign.beganAt;
    this.#opening = { attach, assign: isOpening ? assign : (this.#opening?.assign ?? assign) };
    for (const { opening, size } of this.#bursts.note(attach.size, this.#opening, now)) this.#wasDue(opening, size);
    this.#waits.note(isServed, now);
    if (!isServed && this.#waits.isOverdrawn) this.#surprisedAt = now;
    this.#podAt = now;
    const isBurst = this.#bursts.lastAt === now || !isServed;
    this.#reckonAt = isBurst ? now : Math.min(this.#reckonAt, now + RECKON_AFTER_MS);
  }

  forecast(used: number, now: Millis): DemandForecast {
    this.#pass(now);
    const knownAt = (this.#since ?? now) + LEARN_MS;
    const calmAt = this.#surprisedAt + SURPRISE_MS;
    const situation = this.#situationAt(now);
    const enough = this.#enoughAt(now);
    const dueBurst = this.#bursts.dueAt(now);
    const nextBurst = this.#bursts.nextAfter(now);
    const times = [knownAt, calmAt, this.#peaks.nextAt(now), this.#situationUntil(now)];
    return {
      state: now < knownAt ? "learning" : now < calmAt && now >= this.#surprisedAt ? "surprised" : "known",
      situation,
      enough: { assign: enough.assign[situation] ?? 0, attach: enough.attach[situation] ?? 0 },
      enoughAttachMost: Math.max(...enough.attach),
      ...(dueBurst === undefined ? {} : { dueBurst }),
      ...(nextBurst === undefined ? {} : { nextBurst }),
      waits: { ...this.#waits.seen(now), mayWait: this.#waits.mayWait(now) },
      peakUsed: this.#peaks.before(now) ?? used,
      changesAt: Math.min(...times.filter((at): at is Millis => at !== undefined && at > now)),
    };
  }

  seen(now: Millis): SeenByNode {
    this.#pass(now);
    const finite = (at: Millis): Millis | undefined => (Number.isFinite(at) ? at : undefined);
    return {
      assign: this.#assign.seen(now),
      attach: this.#attach.seen(now),
      bursts: this.#bursts.bursts,
      lastBurstAt: finite(this.#bursts.lastAt),
      lastPodAt: finite(this.#podAt),
      waits: this.#waits.seen(now),
      peaks: this.#peaks.seen(now),
      seenForMs: now - (this.#since ?? now),
    };
  }

  /** Takes over what an earlier process had seen, beside what this one has. In between nobody looked: that time tells nothing. */
  recall(seen: SeenByNode, now: Millis): void {
    this.#pass(now);
    this.#assign.recall(seen.assign);
    this.#attach.recall(seen.attach);
    this.#bursts.recall(
      [...seen.bursts, ...this.#bursts.bursts],
      Math.max(seen.lastBurstAt ?? Number.NEGATIVE_INFINITY, this.#bursts.lastAt),
    );
    this.#podAt = Math.max(this.#podAt, seen.lastPodAt ?? Number.NEGATIVE_INFINITY);
    this.#waits.recall(seen.waits);
    this.#peaks.recall(seen.peaks, now);
    this.#since = (this.#since ?? now) - seen.seenForMs;
    this.#reckonAt = now;
  }

  /** Before a burst was known to be regular, it seemed to come in some other situation. */
  #wasDue({ assign, attach }: OpeningWindows, size: number): void {
    if (mostDueIn(attach.situation) !== undefined) return;
    this.#assign.move(assign, dueSituation(size));
    this.#attach.move(attach, dueSituation(size));
  }

  #enoughAt(now: Millis): Enough {
    if (this.#enough !== undefined && now < this.#reckonAt) return this.#enough;
    const mayWait = this.#waits.mayWait(now);
    const steady = (seen: SeenDemand, before: readonly number[] | undefined): readonly number[] => {
      const safely = enoughFree(seen, STEADY_PART * mayWait);
      return enoughFree(seen, mayWait).map((least, at) => Math.max(least, Math.min(before?.[at] ?? least, safely[at] ?? least)));
    };
    this.#enough = {
      assign: steady(this.#assign.seen(now), this.#enough?.assign),
      attach: steady(this.#attach.seen(now), this.#enough?.attach),
    };
    this.#reckonAt = now + RECKON_EVERY_MS;
    return this.#enough;
  }

  #situationAt(now: Millis): number {
    const due = this.#bursts.dueAt(now);
    return due === undefined ? quietSituation(now - this.#podAt, now - this.#bursts.lastAt) : dueSituation(due.size);
  }

  #situationUntil(now: Millis): Millis | undefined {
    const times = [quietUntil(this.#podAt, this.#bursts.lastAt, now), this.#bursts.changesAt(now)].filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Counts the time since the last call, situation by situation. A clock that was set back counts from there. */
  #pass(now: Millis): void {
    if (this.#since !== undefined && now < this.#since) this.#since = now;
    for (let from = this.#passedAt ?? now; from < now;) {
      const to = Math.min(now, this.#situationUntil(from) ?? now);
      const situation = this.#situationAt(from);
      this.#assign.spend(situation, from, to);
      this.#attach.spend(situation, from, to);
      from = to;
    }
    this.#passedAt = now;
  }
}
