/** How much a bucket holds and how fast it fills: EC2 publishes both per action (EC2 API reference, "Request throttling"). */
export interface BucketSize {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** What is in a bucket: `tokens` as of `filledAtMs`. */
export interface Bucket {
  readonly tokens: number;
  readonly filledAtMs: number;
}

export function fullBucket(size: BucketSize, nowMs: number): Bucket {
  return { tokens: size.capacity, filledAtMs: nowMs };
}

/** The bucket as it stands at `nowMs`: tokens come in lumps, once for each whole second passed, up to the capacity. */
export function refill(bucket: Bucket, size: BucketSize, nowMs: number): Bucket {
  const seconds = Math.floor((nowMs - bucket.filledAtMs) / 1000);
  if (seconds <= 0) return bucket;
  return {
    tokens: Math.min(size.capacity, bucket.tokens + seconds * size.refillPerSecond),
    filledAtMs: bucket.filledAtMs + seconds * 1000,
  };
}

/** Takes `count` tokens, or none when fewer are there. */
export function take(
  bucket: Bucket,
  size: BucketSize,
  count: number,
  nowMs: number,
): { readonly granted: boolean; readonly bucket: Bucket } {
  const filled = refill(bucket, size, nowMs);
  if (filled.tokens < count) return { granted: false, bucket: filled };
  return { granted: true, bucket: { ...filled, tokens: filled.tokens - count } };
}
