import type { Ec2Profile } from "./profile.ts";
import { bucketsOf, type RequestWeight } from "./published-buckets.ts";
import { fullBucket, take, type Bucket } from "./token-bucket.ts";

/** An order to refuse requests whatever the buckets hold: a fault for tests and for the lab's bad days. */
export interface ThrottleOrder {
  /** Every action is refused until this time, in milliseconds since the epoch; `undefined` lifts the order. */
  readonly allUntilMs?: number | undefined;
}

export interface Throttle {
  /** Whether EC2 would take the request now. A granted request has paid its tokens. */
  admits(request: RequestWeight, nowMs: number): boolean;
  order(order: ThrottleOrder): void;
}

/** The account's buckets. The `instant` profile has none and refuses only by order. */
export function createThrottle(profile: Ec2Profile): Throttle {
  const buckets = new Map<string, Bucket>();
  let allUntilMs: number | undefined;

  const drawFromBuckets = (request: RequestWeight, nowMs: number): boolean => {
    const drawn: Array<readonly [string, Bucket]> = [];
    for (const { bucket, size, count } of bucketsOf(request)) {
      const result = take(buckets.get(bucket) ?? fullBucket(size, nowMs), size, count, nowMs);
      if (!result.granted) return false;
      drawn.push([bucket, result.bucket]);
    }
    for (const [name, bucket] of drawn) buckets.set(name, bucket);
    return true;
  };

  return {
    admits(request, nowMs) {
      if (allUntilMs !== undefined && nowMs < allUntilMs) return false;
      return profile === "instant" || drawFromBuckets(request, nowMs);
    },
    order(order) {
      allUntilMs = order.allUntilMs;
    },
  };
}
