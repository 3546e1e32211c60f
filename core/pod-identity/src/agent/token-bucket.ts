/** How much may be done at once, and how fast it fills again. */
export interface BucketRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What is left of a rate. */
export interface TokenBucket {
  readonly tokens: number;
  readonly filledAtMs: number;
}

export function fullBucket({ burst }: BucketRate, nowMs: number): TokenBucket {
  return { tokens: burst, filledAtMs: nowMs };
}

/** The bucket without one token, or `undefined` when it has none. A clock that was set back fills nothing and takes nothing. */
export function takeToken(bucket: TokenBucket, rate: BucketRate, nowMs: number): TokenBucket | undefined {
  const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs);
  const tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1_000);
  return tokens < 1 ? undefined : { tokens: tokens - 1, filledAtMs: nowMs };
}
