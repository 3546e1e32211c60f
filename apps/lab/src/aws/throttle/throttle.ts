import { AccountBuckets, type RequestWeight } from "@slash28/vpc";
import type { Ec2Profile } from "./profile.ts";

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
  const buckets = new AccountBuckets();
  let allUntilMs: number | undefined;
  return {
    admits(request, nowMs) {
      if (allUntilMs !== undefined && nowMs < allUntilMs) return false;
      return profile === "instant" || buckets.admits(request, nowMs);
    },
    order(order) {
      allUntilMs = order.allUntilMs;
    },
  };
}
