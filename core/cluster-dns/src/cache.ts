import type { DnsName, DnsRecord, DnsReply } from "./message.ts";
import { isWithin } from "./names.ts";

/** One of the cache's two halves. */
export interface CacheClass {
  readonly capacity: number;
  readonly maxSeconds: number;
  readonly minSeconds: number;
  /** Zones whose names are not kept. */
  readonly disabledIn: readonly DnsName[];
}

/** Answers that are asked for often are fetched anew before their time is up. */
export interface Prefetch {
  /** Asked for so many times, with no gap as long as `gapMs`. */
  readonly amount: number;
  readonly gapMs: number;
  /** Of its time to live no more than this is left; 10 to 90. */
  readonly percentage: number;
}

/** Answers whose time is up are still given while no newer one is there (RFC 8767). */
export interface ServeStale {
  readonly maxSeconds: number;
  /** Before one is given, a newer one is asked for; else after. */
  readonly isVerified: boolean;
}

export interface CacheSettings {
  readonly zones: readonly DnsName[];
  readonly success: CacheClass;
  readonly denial: CacheClass;
  readonly servfailSeconds: number;
  /** Answers show the time to live they came with, not what is left of it. */
  readonly keepsTtl: boolean;
  readonly prefetch?: Prefetch;
  readonly serveStale?: ServeStale;
}

/** CoreDNS's defaults. */
export const DEFAULT_CACHE: CacheSettings = {
  zones: [""],
  success: { capacity: 9_984, maxSeconds: 3_600, minSeconds: 5, disabledIn: [] },
  denial: { capacity: 9_984, maxSeconds: 1_800, minSeconds: 5, disabledIn: [] },
  servfailSeconds: 5,
  keepsTtl: false,
};

/** What an answer depends on beside the name: DNSSEC records wanted, validation switched off. */
export interface CacheKey {
  readonly name: DnsName;
  readonly type: string;
  readonly wantsDnssec: boolean;
  readonly checkingDisabled: boolean;
}

export type CacheKind = "success" | "denial";

interface Entry {
  readonly reply: DnsReply;
  readonly storedAtMs: number;
  readonly ttlSeconds: number;
  /** How often it, and the answers before it, were asked for without a long gap. */
  hits: number;
  lastHitMs: number;
}

export interface Found {
  readonly reply: DnsReply;
  readonly kind: CacheKind;
  /** `fresh`; `popular`: fresh, and to be fetched anew now; `stale`: its time is up, and it is to be fetched anew. */
  readonly state: "fresh" | "popular" | "stale";
}

/** Answers for as long as their records allow. Time comes in with each call. */
export class DnsCache {
  readonly #settings: CacheSettings;
  readonly #entries: Readonly<Record<CacheKind, Map<string, Entry>>> = { success: new Map(), denial: new Map() };

  constructor(settings: CacheSettings) {
    this.#settings = settings;
  }

  size(kind: CacheKind): number {
    return this.#entries[kind].size;
  }

  /** A kept answer with its times to live counted down, a stale one's to 0; denials are looked at first. */
  find(key: CacheKey, nowMs: number): Found | undefined {
    const text = keyText(key);
    for (const kind of ["denial", "success"] as const) {
      const entry = this.#entries[kind].get(text);
      if (entry === undefined) continue;
      const ageSeconds = Math.max(0, Math.floor((nowMs - entry.storedAtMs) / 1_000));
      const left = entry.ttlSeconds - ageSeconds;
      if (!this.#isServed(entry, left)) {
        this.#entries[kind].delete(text);
        continue;
      }
      this.#count(entry, nowMs);
      return { reply: this.#aged(entry, Math.max(0, left)), kind, state: this.#stateOf(entry, left) };
    }
    return undefined;
  }

  /**
   * Keeps an answer if it may be kept. The oldest one gives way when the half is full. A failure takes no place of an answer that still can
   * be given: that is what prefetching, and serving stale answers, are for.
   */
  keep(key: CacheKey, reply: DnsReply, nowMs: number): void {
    const kind = this.#halfFor(key, reply);
    const ttlSeconds = kind === undefined ? 0 : this.#lifeOf(reply, kind);
    if (kind === undefined || ttlSeconds <= 0) return;
    const entries = this.#entries[kind];
    const text = keyText(key);
    const other = this.#entries[kind === "success" ? "denial" : "success"];
    const before = entries.get(text) ?? other.get(text);
    if (reply.rcode === "SERVFAIL" && before !== undefined && this.#outlasts(before, nowMs)) return;
    other.delete(text);
    entries.delete(text);
    if (entries.size >= this.#settings[kind].capacity) deleteOldest(entries);
    entries.set(text, { reply, storedAtMs: nowMs, ttlSeconds, hits: before?.hits ?? 0, lastHitMs: before?.lastHitMs ?? nowMs });
  }

  /** The half that keeps this answer; `undefined`: it is not kept. */
  #halfFor({ name }: CacheKey, reply: DnsReply): CacheKind | undefined {
    const kind = kindOf(reply);
    const isIn = (zones: readonly DnsName[]): boolean => zones.some((zone) => isWithin(name, zone));
    return kind !== undefined && isIn(this.#settings.zones) && !isIn(this.#settings[kind].disabledIn) ? kind : undefined;
  }

  #isServed({ reply }: Entry, leftSeconds: number): boolean {
    const { serveStale } = this.#settings;
    // A failure says nothing about the name, so it is not worth more than its time.
    return leftSeconds > 0 || (reply.rcode !== "SERVFAIL" && serveStale !== undefined && -leftSeconds < serveStale.maxSeconds);
  }

  #outlasts(entry: Entry, nowMs: number): boolean {
    const left = entry.ttlSeconds - Math.floor((nowMs - entry.storedAtMs) / 1_000);
    return entry.reply.rcode !== "SERVFAIL" && this.#isServed(entry, left);
  }

  #count(entry: Entry, nowMs: number): void {
    const gapMs = this.#settings.prefetch?.gapMs ?? 0;
    entry.hits = nowMs - entry.lastHitMs > gapMs ? 1 : entry.hits + 1;
    entry.lastHitMs = nowMs;
  }

  #stateOf({ ttlSeconds, hits }: Entry, leftSeconds: number): Found["state"] {
    const { prefetch } = this.#settings;
    if (leftSeconds <= 0) return "stale";
    if (prefetch === undefined || hits < prefetch.amount) return "fresh";
    return leftSeconds <= Math.ceil((prefetch.percentage / 100) * ttlSeconds) ? "popular" : "fresh";
  }

  #lifeOf(reply: DnsReply, kind: CacheKind): number {
    if (reply.rcode === "SERVFAIL") return this.#settings.servfailSeconds;
    const { maxSeconds, minSeconds } = this.#settings[kind];
    const records = [...reply.answers, ...reply.authority, ...reply.additional];
    const lives = records.map((record) => (record.type === "SOA" ? Math.min(record.ttl, record.minimum) : record.ttl));
    const shortest = lives.length === 0 ? minSeconds : Math.min(...lives);
    return Math.max(minSeconds, Math.min(shortest, maxSeconds));
  }

  #aged({ reply }: Entry, left: number): DnsReply {
    if (this.#settings.keepsTtl) return reply;
    // Never more than what is left of the entry: a client would otherwise keep it longer than this cache does.
    const aged = (record: DnsRecord): DnsRecord => ({ ...record, ttl: left });
    return { ...reply, answers: reply.answers.map(aged), authority: reply.authority.map(aged), additional: reply.additional.map(aged) };
  }
}

function deleteOldest(entries: Map<string, Entry>): void {
  for (const [oldest] of entries) if (entries.delete(oldest)) return;
}

/** Which half an answer belongs in; nothing for what may not be kept: cut answers, refusals, other errors. */
function kindOf(reply: DnsReply): CacheKind | undefined {
  if (reply.isTruncated === true) return undefined;
  if (reply.rcode === "NXDOMAIN" || reply.rcode === "SERVFAIL") return "denial";
  if (reply.rcode !== "NOERROR") return undefined;
  return reply.answers.length > 0 ? "success" : "denial";
}

function keyText({ name, type, wantsDnssec, checkingDisabled }: CacheKey): string {
  return `${name} ${type} ${wantsDnssec ? "d" : ""}${checkingDisabled ? "c" : ""}`;
}
