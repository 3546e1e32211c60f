import type { Capacity } from "./capacity.ts";
import type { BlockKind, FrozenReason } from "./pool-view.ts";

export interface LedgerOptions {
  /** What new pods get their addresses from; see `blockKindOf`. Fixed for the life of a ledger. */
  readonly kind: BlockKind;
  /** Rest of an address between two pods, `IP_COOLDOWN_PERIOD`. */
  readonly cooldownMs: number;
  /** Whether it remembers what pods asked for, as the adaptive warm policy needs it. */
  readonly remembersDemand?: boolean;
}

/** What the planner must know and the ledger does not. */
export interface ViewOutside {
  /** Sandboxes that asked and got no address; none by default. */
  readonly waiting?: number;
  readonly capacity?: Capacity;
  readonly frozen?: FrozenReason | undefined;
}
