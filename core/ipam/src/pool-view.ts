import type { Cidr4, EniId, SubnetId } from "@slash28/address";
import type { Capacity } from "./capacity.ts";
import type { DemandForecast } from "./demand-memory.ts";
import type { Millis } from "./reservation.ts";

/** How an ENI's slot is filled: one secondary address (/32), or a /28 prefix of 16 addresses. */
export type BlockKind = "address" | "prefix";

/** Addresses by state; `held = assigned + cooling + free`, always. */
export interface Tally {
  readonly held: number;
  readonly assigned: number;
  /** Released and resting; nobody may have them yet. */
  readonly cooling: number;
  readonly free: number;
}

/** One occupied slot of an ENI. */
export interface BlockView {
  /** /32 or /28. */
  readonly cidr: Cidr4;
  readonly kind: BlockKind;
  readonly assigned: number;
  readonly cooling: number;
  /** Addresses a pod could have at once; 0 when the block is closed. */
  readonly free: number;
  /** `false`: gives out no more addresses (it is being handed back, EC2 no longer lists it, or its ENI takes no pods). */
  readonly isOpen: boolean;
  /** `true` while EC2 is asked to take it back. */
  readonly isLeaving: boolean;
}

export interface EniView {
  readonly id: EniId;
  readonly subnetId: SubnetId;
  readonly deviceIndex: number;
  readonly isPrimary: boolean;
  readonly role: "interface" | "trunk" | "efa";
  /** `false` for a trunk, for the primary ENI under custom networking, and for an ENI in an excluded subnet. */
  readonly takesPods: boolean;
  /** `true` while it is being detached. */
  readonly isLeaving: boolean;
  /** When this process first saw it. */
  readonly addedAt: Millis;
  /** Occupied slots, without the primary address. */
  readonly slotsUsed: number;
  readonly assigned: number;
  readonly cooling: number;
  readonly blocks: readonly BlockView[];
}

/** The node is cordoned and `AWS_MANAGE_ENIS_NON_SCHEDULABLE` is off; or provisioning is switched off altogether. */
export type FrozenReason = "node-unschedulable" | "provisioning-disabled";

/** What the planner knows of a node's pool: plain data, no reference into the ledger. */
export interface PoolView {
  /** What new slots are filled with. */
  readonly kind: BlockKind;
  readonly enis: readonly EniView[];
  /** Counts of blocks of `kind`. */
  readonly current: Tally;
  /** Counts of blocks of the other kind, left from before a change of mode. */
  readonly leftover: Tally;
  /** The fewest free addresses of `kind` over the pool's patience: what nobody needed for that long. */
  readonly freeFloor: number;
  /** The same of the other kind. */
  readonly leftoverFloor: number;
  /** When `freeFloor` next may rise. */
  readonly floorChangesAt: Millis;
  /** When the next address leaves its cooldown. */
  readonly nextFreeAt?: Millis | undefined;
  /** What the node's demand was like; absent unless the warm policy asks for it. */
  readonly forecast?: DemandForecast | undefined;
  /** Sandboxes that asked and got no address. */
  readonly waiting: number;
  /** Subnets that refused lately. */
  readonly capacity: Capacity;
  /** Why nothing may be changed at EC2; absent: it may. */
  readonly frozen?: FrozenReason | undefined;
}
