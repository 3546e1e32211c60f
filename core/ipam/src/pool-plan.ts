import type { Cidr4, EniId, Ipv4 } from "@slash28/address";
import type { FrozenReason } from "./pool-view.ts";
import type { Millis } from "./reservation.ts";

/** Why the pool grows. */
export type GrowReason =
  | "pods-waiting"
  | "below-warm-ip-target"
  | "below-minimum-ip-target"
  | "below-warm-eni-target"
  | "below-warm-prefix-target"
  /** With `SLASH28_WARM_POLICY=adaptive`. */
  | "below-forecast";

/** Why something is handed back. */
export type ShrinkReason = "above-warm-target" | "above-max-pods" | "other-mode" | "eni-takes-no-pods";

export type IdleReason =
  | FrozenReason
  /** Every target is met. */
  | "at-target"
  /** There is less than the targets ask for, yet as much as max pods can use. */
  | "max-pods-reached"
  /** There is less than wanted, and no ENI and no slot is left. */
  | "instance-full"
  /** There is less than wanted, and EC2 lately said that the subnet has no address. */
  | "subnet-full"
  /** There is less than wanted, and EC2 lately said that the subnet has no free /28. */
  | "subnet-fragmented"
  /** There is more than wanted, but it was needed a moment ago, or rests in cooldown. */
  | "surplus-resting";

/** What a new ENI brings besides its primary address. */
export interface Carry {
  readonly kind: "addresses" | "prefixes";
  readonly count: number;
}

/** The next thing to do for a node's pool: one EC2 step at most, then plan again. */
export type PoolPlan =
  | { readonly kind: "idle"; readonly why: IdleReason; readonly recheckAt?: Millis }
  | { readonly kind: "assign-addresses"; readonly eni: EniId; readonly count: number; readonly why: GrowReason }
  | { readonly kind: "assign-prefixes"; readonly eni: EniId; readonly count: number; readonly why: GrowReason }
  | { readonly kind: "create-eni"; readonly carry: Carry; readonly why: GrowReason }
  | {
      readonly kind: "unassign";
      readonly eni: EniId;
      readonly addresses: readonly Ipv4[];
      readonly prefixes: readonly Cidr4[];
      readonly why: ShrinkReason;
    }
  | { readonly kind: "release-eni"; readonly eni: EniId; readonly why: "not-needed" | "eni-takes-no-pods" };
