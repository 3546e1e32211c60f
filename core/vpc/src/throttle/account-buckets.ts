import type { Millis } from "../result.ts";
import { bucketsOf, type RequestWeight } from "./published-buckets.ts";
import { fullBucket, take, type Bucket } from "./token-bucket.ts";

/** The token buckets of one account in one Region; full at first. */
export class AccountBuckets {
  readonly #buckets = new Map<string, Bucket>();

  /** Whether EC2 takes the request now. A request that it takes has paid its tokens. */
  admits(request: RequestWeight, now: Millis): boolean {
    const drawn: Array<readonly [string, Bucket]> = [];
    for (const { bucket, size, count } of bucketsOf(request)) {
      const result = take(this.#buckets.get(bucket) ?? fullBucket(size, now), size, count, now);
      if (!result.granted) return false;
      drawn.push([bucket, result.bucket]);
    }
    for (const [name, bucket] of drawn) this.#buckets.set(name, bucket);
    return true;
  }
}
