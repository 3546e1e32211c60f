import { cidr4Size, type Cidr4, type EniId, type Ipv4, type SubnetId } from "@slash28/address";
import type { BlockKind, BlockView, EniView } from "./pool-view.ts";
import type { Millis, Reservation } from "./reservation.ts";

/** One address as it is now: held by a reservation, resting after one, or free. A copy, for reading. */
export interface Slot {
  readonly address: Ipv4;
  readonly block: Block;
  readonly holder: Reservation | undefined;
  /** When it was last given back; `undefined` when nobody had it yet. */
  readonly releasedAt: Millis | undefined;
  /** End of its rest; `undefined` when it does not rest. */
  readonly coolUntil: Millis | undefined;
}

/**
 * A secondary address or a prefix, with the state of each of its addresses: a bit for each, the first address's lowest, and no object, since a
 * node has hundreds of them and a simulated fleet millions.
 */
export interface Block {
  readonly eni: EniState;
  readonly kind: BlockKind;
  /** Its first address, and how many there are. */
  readonly base: Ipv4;
  readonly size: number;
  /** Which of its addresses pods hold, and how many. */
  heldBits: number;
  assigned: number;
  /** Which of its addresses rest, and how many. */
  coolingBits: number;
  cooling: number;
  /** Which of its addresses somebody had and gave back. */
  usedBits: number;
  /** When they were given back last, for those of `usedBits`; empty before the first one was. */
  releasedAt: Millis[];
  /** Being handed back to EC2. */
  isLeaving: boolean;
  /** EC2 does not list it any more, but pods hold it. */
  isLost: boolean;
  /** The planner's copy, until something of the block changes. */
  view: BlockView | undefined;
  readonly cidr: Cidr4;
  readonly addedAt: Millis;
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
   * nothing until those pods are gone. Absent while there is none, which is nearly always.
   */
  unplaced: Map<Ipv4, Cidr4> | undefined;
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
    unplaced: undefined,
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

/** Of a block that nobody had an address of. Never written to: the first release puts a list of the block's own in its place. */
const NEVER_RELEASED: Millis[] = [];

/** A block with every address free. All addresses of a prefix are usable: EC2 reserves none inside it. */
export function makeBlock(eni: EniState, cidr: Cidr4, kind: BlockKind, now: Millis): Block {
  return {
    eni,
    kind,
    base: cidr.base,
    size: cidr4Size(cidr),
    heldBits: 0,
    assigned: 0,
    coolingBits: 0,
    cooling: 0,
    usedBits: 0,
    releasedAt: NEVER_RELEASED,
    isLeaving: false,
    isLost: false,
    view: undefined,
    cidr,
    addedAt: now,
  };
}

/** Whether the block gives out addresses. */
export function isOpen(block: Block): boolean {
  return !block.isLeaving && !block.isLost && block.eni.facts.takesPods && !block.eni.isLeaving && !block.eni.isGone;
}

/** How many addresses a pod could have at once. */
export function freeIn(block: Block): number {
  return isOpen(block) ? block.size - block.assigned - block.cooling : 0;
}

/** When the nth address of the block was last given back; `undefined` when nobody had it yet. */
export function releasedAt(block: Block, index: number): Millis | undefined {
  return (block.usedBits & (1 << index)) === 0 ? undefined : block.releasedAt[index];
}

/** Notes that the nth address of the block was given back. */
export function noteReleased(block: Block, index: number, at: Millis): void {
  if (block.usedBits === 0) block.releasedAt = Array.from({ length: block.size }, () => at);
  block.usedBits |= 1 << index;
  block.releasedAt[index] = at;
}

/** The order of a node's ENIs. */
export function byDevice(a: EniState, b: EniState): number {
  return a.facts.deviceIndex - b.facts.deviceIndex || (a.facts.id < b.facts.id ? -1 : 1);
}

/** Whether the nth of a block's addresses is among those of the bits. */
export function isAmong(bits: number, index: number): boolean {
  return (bits & (1 << index)) !== 0;
}
