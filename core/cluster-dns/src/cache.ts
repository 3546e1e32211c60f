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

export interface CacheSettings {
  readonly zones: readonly DnsName[];
  readonly success: CacheClass;
  readonly denial: CacheClass;
  readonly servfailSeconds: number;
  /** Answers show the time to live they came with, not what is left of it. */
  readonly keepsTtl: boolean;
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

  /** A kept answer with its times to live counted down; denials are looked at first. */
  find(key: CacheKey, nowMs: number): { readonly reply: DnsReply; readonly kind: CacheKind } | undefined {
    const text = keyText(key);
    for (const kind of ["denial", "success"] as const) {
      const entry = this.#entries[kind].get(text);
      if (entry === undefined) continue;
      const ageSeconds = Math.max(0, Math.floor((nowMs - entry.storedAtMs) / 1_000));
      if (ageSeconds >= entry.ttlSeconds) {
        this.#entries[kind].delete(text);
        continue;
      }
      return { reply: this.#aged(entry, ageSeconds), kind };
    }
    return undefined;
  }

  /** Keeps an answer if it may be kept. The oldest one gives way when the half is full. */
  keep(key: CacheKey, reply: DnsReply, nowMs: number): void {
    const kind = kindOf(reply);
    const inZone = this.#settings.zones.some((zone) => isWithin(key.name, zone));
    if (kind === undefined || !inZone || this.#settings[kind].disabledIn.some((zone) => isWithin(key.name, zone))) return;
    const ttlSeconds = this.#lifeOf(reply, kind);
    if (ttlSeconds <= 0) return;
    const entries = this.#entries[kind];
    const text = keyText(key);
    this.#entries[kind === "success" ? "denial" : "success"].delete(text);
    entries.delete(text);
    if (entries.size >= this.#settings[kind].capacity) for (const [oldest] of entries) if (entries.delete(oldest)) break;
    entries.set(text, { reply, storedAtMs: nowMs, ttlSeconds });
  }

  #lifeOf(reply: DnsReply, kind: CacheKind): number {
    if (reply.rcode === "SERVFAIL") return this.#settings.servfailSeconds;
    const { maxSeconds, minSeconds } = this.#settings[kind];
    const records = [...reply.answers, ...reply.authority, ...reply.additional];
    const lives = records.map((record) => (record.type === "SOA" ? Math.min(record.ttl, record.minimum) : record.ttl));
    const shortest = lives.length === 0 ? minSeconds : Math.min(...lives);
    return Math.max(minSeconds, Math.min(shortest, maxSeconds));
  }

  #aged({ reply, ttlSeconds }: Entry, ageSeconds: number): DnsReply {
    if (this.#settings.keepsTtl) return reply;
    const left = ttlSeconds - ageSeconds;
    // Never more than what is left of the entry: a client would otherwise keep it longer than this cache does.
    const aged = (record: DnsRecord): DnsRecord => ({ ...record, ttl: left });
    return { ...reply, answers: reply.answers.map(aged), authority: reply.authority.map(aged), additional: reply.additional.map(aged) };
  }
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
