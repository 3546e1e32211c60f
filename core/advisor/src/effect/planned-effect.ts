import type { FleetChange } from "@slash28/fleet";

/** How a check tells what its fix does. */
export type PlannedEffect =
  | {
      readonly kind: "simulate";
      /** The fix as somebody types it; times are since the fix. */
      readonly changes: readonly FleetChange[];
      /** The agents get nothing done until the fix, and take notice of it this much later at most; absent: they work all the time. */
      readonly stalledMs?: number;
    }
  /** No address moves, and no pod waits because of it. */
  | {
      readonly kind: "nothing-moves";
      /** Pods that have to be made again before it holds for them: they end and start as with any rollout. */
      readonly podsToRestart?: number;
    }
  /** `why` ends the sentence "not simulated: …". */
  | { readonly kind: "unknown"; readonly why: string };

export const NOTHING_MOVES: PlannedEffect = { kind: "nothing-moves" };

export function unknownEffect(why: string): PlannedEffect {
  return { kind: "unknown", why };
}
