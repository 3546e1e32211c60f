import { cidr4Size, offsetIpv4, type Cidr4, type EniId, type Ipv4, type SubnetId } from "@slash28/address";
import type { BlockKind, BlockView, EniView } from "./pool-view.ts";
import type { Millis, Reservation } from "./reservation.ts";

/** One address: held by a reservation, resting after one, or free. */
export interface Slot {
  readonly address: Ipv4;
  readonly block: Block;
  holder: Reservation | undefined;
  /** When it was last given back; `undefined` when nobody had it yet. */
  releasedAt: Millis | undefined;
  /** End of its rest; `undefined` when it does not rest. */
  coolUntil: Millis | undefined;
}

/** A secondary address or a prefix, with the state of each of its addresses. */
export interface Block {
  readonly cidr: Cidr4;
  readonly kind: BlockKind;
  readonly eni: EniState;
  readonly slots: readonly Slot[];
  readonly addedAt: Millis;
  assigned: number;
  cooling: number;
  /** Being handed back to EC2. */
  isLeaving: boolean;
  /** EC2 does not list it any more, but pods hold it. */
  isLost: boolean;
  /** The planner's copy, until something of the block changes. */
  view: BlockView | undefined;
}

/** What the ledger is told of an ENI. */
export interface LedgerEni {
  readonly id: EniId;
  readonly mac: string;
  readonly subnetId: SubnetId;
  readonly deviceIndex: number;
  readonly networkCard: number;
  readonly primaryAddress: Ipv4;
  readonly role: EniView["role"];
  readonly takesPods: boolean;
}

export interface EniState {
  facts: LedgerEni;
  readonly addedAt: Millis;
  /** By first address: blocks of one node never overlap. */
  readonly blocks: Map<Ipv4, Block>;
  /**
   * Ranges that EC2 has on this ENI while the pods of a lost block still hold an address of them, by first address: they fill slots and give out
   * nothing until those pods are gone.
   */
  readonly unplaced: Map<Ipv4, Cidr4>;
  assigned: number;
  cooling: number;
  /** Addresses that a pod could have at once, by kind of block; `Tallies` keeps it. */
  readonly free: Record<BlockKind, number>;
  /** The planner's copy, until something of the ENI changes. */
  view: EniView | undefined;
  isLeaving: boolean;
  /** EC2 does not list it any more, but pods hold addresses of it. */
  isGone: boolean;
}

/** An ENI without blocks. */
export function makeEni(facts: LedgerEni, now: Millis): EniState {
  return {
    facts,
    addedAt: now,
    blocks: new Map(),
    unplaced: new Map(),
    assigned: 0,
    cooling: 0,
    free: { address: 0, prefix: 0 },
    view: undefined,
    isLeaving: false,
    isGone: false,
  };
}

/** What kind of block a range is; `undefined` for a length that no ENI holds. */
export function blockKindOfCidr(cidr: Cidr4): BlockKind | undefined {
  if (cidr.length === 32) return "address";
  return cidr.length === 28 ? "prefix" : undefined;
}

/** A block with every address free. All addresses of a prefix are usable: EC2 reserves none inside it. */
export function makeBlock(eni: EniState, cidr: Cidr4, kind: BlockKind, now: Millis): Block {
  const slots: Slot[] = [];
  const block: Block = { cidr, kind, eni, slots, addedAt: now, assigned: 0, cooling: 0, isLeaving: false, isLost: false, view: undefined };
  for (let i = 0; i < cidr4Size(cidr); i++) {
    slots.push({ address: offsetIpv4(cidr.base, i), block, holder: undefined, releasedAt: undefined, coolUntil: undefined });
  }
  return block;
}

/** Whether the block gives out addresses. */
export function isOpen(block: Block): boolean {
  return !block.isLeaving && !block.isLost && block.eni.facts.takesPods && !block.eni.isLeaving && !block.eni.isGone;
}

/** How many addresses a pod could have at once. */
export function freeIn(block: Block): number {
  return isOpen(block) ? block.slots.length - block.assigned - block.cooling : 0;
}
