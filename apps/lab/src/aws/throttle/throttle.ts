import { AccountBuckets, type RequestWeight } from "@slash28/vpc";
import type { Ec2Profile } from "./profile.ts";

export interface Throttle {
  /** Whether EC2 would take the request now. A granted request has paid its tokens. */
  admits(request: RequestWeight, nowMs: number): boolean;
}

/** The account's buckets. The `instant` profile has none and refuses nothing. */
export function createThrottle(profile: Ec2Profile): Throttle {
  const buckets = new AccountBuckets();
  return { admits: (request, nowMs) => profile === "instant" || buckets.admits(request, nowMs) };
}
