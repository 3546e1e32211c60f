import type { Millis } from "../result.ts";
import { bucketsOf, type RequestWeight } from "./published-buckets.ts";
import { fullBucket, take, type Bucket } from "./token-bucket.ts";

/** The token buckets of one account in one Region; full at first. */
export class AccountBuckets {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Whether EC2 takes the request now. A request that it takes has paid its tokens.
   *
   * @param times as many requests as this one stands for; where a bucket is smaller, a full one does
   */
  admits(request: RequestWeight, now: Millis, times = 1): boolean {
    const drawn: Array<readonly [string, Bucket]> = [];
    for (const { bucket, size, count } of bucketsOf(request)) {
      const paid = times === 1 ? count : Math.min(size.capacity, count * times);
      const result = take(this.#buckets.get(bucket) ?? fullBucket(size, now), size, paid, now);
      if (!result.granted) return false;
      drawn.push([bucket, result.bucket]);
    }
    for (const [name, bucket] of drawn) this.#buckets.set(name, bucket);
    return true;
  }
}
