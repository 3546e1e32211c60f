import type { PodToken } from "./check-request.ts";
import type { Exchanged, PodCredentials } from "./exchange.ts";
import { fullBucket, takeToken, type BucketRate, type TokenBucket } from "./token-bucket.ts";

export interface CacheSettings {
  /** 0: nothing is kept. */
  readonly entriesMax: number;
  /** How old credentials may become before they are renewed, in milliseconds; 0: nothing is kept. */
  readonly retentionMs: number;
  readonly renewals: BucketRate;
}

/** What to do for whoever asks with a token. */
export type Found =
  | { readonly kind: "kept"; readonly credentials: PodCredentials }
  /** This very token is being exchanged: its outcome is theirs as well. */
  | { readonly kind: "join" }
  | { readonly kind: "exchange" };

export interface Swept {
  /** To be exchanged now, within the pace of renewals. */
  readonly renew: readonly PodToken[];
  /** How many were given up. */
  readonly evicted: number;
}

interface Entry {
  /** The token these credentials were given for. Another one of the same pod has to prove itself first. */
  readonly token: PodToken;
  readonly credentials: PodCredentials;
  readonly renewAtMs: number;
  /** Whether anybody has asked since they were fetched; who does not ask costs no renewal. */
  readonly isInUse: boolean;
}

/** Credentials that end sooner are of no use to anybody. */
const USEFUL_MS = 15_000;
/** SDKs ask for new credentials up to this long before theirs end; they must not be given the old ones again. */
const AHEAD_MS = 15 * 60_000;
/** A renewal that failed is tried again after one to two of these. */
const RETRY_MS = 60_000;

/**
 * The credentials an agent keeps, one entry per pod. A token is known by its whole text: only EKS Auth can tell whether it is genuine, so what
 * a token merely claims opens nothing. When a pod comes with a new token, that one's credentials take the place of the old one's.
 */
export class CredentialCache {
  readonly #settings: CacheSettings;
  /** Least recently asked for first. */
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Set<string>();
  #renewals: TokenBucket;

  constructor(settings: CacheSettings, nowMs: number) {
    this.#settings = settings;
    this.#renewals = fullBucket(settings.renewals, nowMs);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** With `exchange` the caller has to exchange the token and {@link settle} it. */
  find(token: PodToken, nowMs: number): Found {
    const entry = this.#entries.get(token.holder);
    if (entry?.token.text === token.text && isUseful(entry.credentials, nowMs)) {
      this.#put({ ...entry, isInUse: true });
      return { kind: "kept", credentials: entry.credentials };
    }
    if (this.#underWay.has(token.text)) return { kind: "join" };
    this.#underWay.add(token.text);
    return { kind: "exchange" };
  }

  /**
   * Takes note of how a token's exchange ended, and says what those who wait for it are told.
   * @param draw uniform in [0, 1)
   */
  settle(token: PodToken, exchanged: Exchanged, nowMs: number, draw: number): Exchanged {
    this.#underWay.delete(token.text);
    const known = this.#entries.get(token.holder);
    const own = known?.token.text === token.text ? known : undefined;
    if (!exchanged.ok) {
      if (own !== undefined) this.#failed(own, exchanged.failure.isFinal, nowMs, draw);
      return exchanged;
    }
    const { credentials } = exchanged;
    if (!isUseful(credentials, nowMs)) {
      if (own !== undefined) this.#entries.delete(token.holder);
      const message = "the credentials that EKS Auth gave have expired, or are about to; check this node's clock";
      return { ok: false, failure: { status: 500, code: "Unknown", message, isFinal: false } };
    }
    // A renewal is nobody's wish; only who asks afterwards makes the next one worth its call.
    this.#keep({ token, credentials, renewAtMs: this.#renewAt(credentials, nowMs), isInUse: own === undefined });
    return exchanged;
  }

  /** To be called about every second. Tokens in `renew` have to be exchanged and settled. */
  sweep(nowMs: number): Swept {
    const renew: PodToken[] = [];
    let evicted = 0;
    for (const [holder, entry] of this.#entries) {
      const { token, credentials, renewAtMs, isInUse } = entry;
      const isDue = renewAtMs <= nowMs && !this.#underWay.has(token.text);
      const isTokenOver = token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs;
      if (!isUseful(credentials, nowMs) || isTokenOver || (isDue && !isInUse)) {
        this.#entries.delete(holder);
        evicted++;
      } else if (isDue) {
        const left = takeToken(this.#renewals, this.#settings.renewals, nowMs);
        if (left === undefined) continue;
        this.#renewals = left;
        this.#underWay.add(token.text);
        renew.push(token);
      }
    }
    return { renew, evicted };
  }

  #failed(entry: Entry, isFinal: boolean, nowMs: number, draw: number): void {
    if (isFinal || !isUseful(entry.credentials, nowMs)) this.#entries.delete(entry.token.holder);
    else this.#entries.set(entry.token.holder, { ...entry, renewAtMs: nowMs + RETRY_MS * (1 + draw) });
  }

  #renewAt({ expiresAtMs }: PodCredentials, nowMs: number): number {
    const remainingMs = expiresAtMs - nowMs;
    return nowMs + Math.min(this.#settings.retentionMs, Math.max(remainingMs - AHEAD_MS, remainingMs / 2));
  }

  #keep(entry: Entry): void {
    const { entriesMax, retentionMs } = this.#settings;
    if (entriesMax === 0 || retentionMs === 0) return;
    this.#put(entry);
    for (const holder of this.#entries.keys()) {
      if (this.#entries.size <= entriesMax) break;
      this.#entries.delete(holder);
    }
  }

  /** As the one asked for last. */
  #put(entry: Entry): void {
    this.#entries.delete(entry.token.holder);
    this.#entries.set(entry.token.holder, entry);
  }
}

function isUseful({ expiresAtMs }: PodCredentials, nowMs: number): boolean {
  return expiresAtMs - nowMs > USEFUL_MS;
}

/** What of a cache's settings cannot work: entries that could not be renewed as fast as they grow old. */
export function cacheFault({ entriesMax, retentionMs, renewals }: CacheSettings): string | undefined {
  const renewable = (renewals.perSecond * retentionMs) / 1_000;
  if (entriesMax === 0 || retentionMs === 0 || renewable >= entriesMax / 2) return undefined;
  return (
    `--max-cache-size ${entriesMax} is too large for --max-service-qps ${renewals.perSecond} and a retention of ${retentionMs / 1_000} s: ` +
    `only ${Math.floor(renewable)} credentials could be renewed in that time, and at least half of all must be; lower the size, or raise one of the others`
  );
}
