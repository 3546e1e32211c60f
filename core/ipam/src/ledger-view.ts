import { formatCidr4, formatIpv4, type EniId } from "@slash28/address";
import { freeIn, isOpen, type Block, type EniState, type LedgerEni, type Slot } from "./block.ts";
import type { BlockView, EniView } from "./pool-view.ts";
import type { Millis, Reservation } from "./reservation.ts";

/** An ENI with no more blocks is copied in the time that it takes to find a copy that was kept, and a fleet of nodes would keep them all. */
const FEW_BLOCKS = 4;

/** A copy of one ENI's state for the planner. One of many blocks is made anew only after a change, for few of hundreds of blocks change between two plans. */
export function viewEni(eni: EniState): EniView {
  return eni.blocks.size > FEW_BLOCKS ? (eni.view ??= copyOf(eni)) : copyOf(eni);
}

function copyOf(eni: Readonly<EniState>): EniView {
  const { facts } = eni;
  return {
    id: facts.id,
    subnetId: facts.subnetId,
    deviceIndex: facts.deviceIndex,
    isPrimary: isPrimaryEni(facts),
    role: facts.role,
    takesPods: facts.takesPods,
    isLeaving: eni.isLeaving,
    addedAt: eni.addedAt,
    slotsUsed: slotsUsed(eni),
    assigned: eni.assigned,
    cooling: eni.cooling,
    blocks: blocksOf(eni),
  };
}

function blocksOf(eni: Readonly<EniState>): readonly BlockView[] {
  const keeps = eni.blocks.size > FEW_BLOCKS;
  const views: BlockView[] = [];
  for (const block of eni.blocks.values()) views.push(keeps ? (block.view ??= copyOfBlock(block)) : copyOfBlock(block));
  return views;
}

function copyOfBlock(block: Block): BlockView {
  const { cidr, kind, assigned, cooling, isLeaving } = block;
  return { cidr, kind, assigned, cooling, free: freeIn(block), isOpen: isOpen(block), isLeaving };
}

/** EC2 has taken a lost block: its slot is empty, or filled with what could not be placed. */
function slotsUsed(eni: Readonly<EniState>): number {
  let used = eni.unplaced?.size ?? 0;
  for (const block of eni.blocks.values()) if (!block.isLost) used++;
  return used;
}

/** The primary ENI sits at device index 0 of network card 0; it comes and goes with the instance. */
export function isPrimaryEni(eni: Pick<LedgerEni, "deviceIndex" | "networkCard">): boolean {
  return eni.deviceIndex === 0 && eni.networkCard === 0;
}

/** An address that is or was in use, for people and for the introspection endpoint. */
export interface UsedAddress {
  readonly address: string;
  readonly holder?: Reservation;
  readonly releasedAt?: Millis;
}

export interface InspectedBlock {
  readonly cidr: string;
  readonly isPrefix: boolean;
  /** Addresses never used are left out, as upstream does. */
  readonly addresses: readonly UsedAddress[];
}

export interface InspectedEni {
  readonly id: EniId;
  readonly facts: LedgerEni;
  readonly isPrimary: boolean;
  readonly blocks: readonly InspectedBlock[];
}

/** Every ENI with its blocks and used addresses, as text where people read it. */
export function inspectEni(eni: Readonly<EniState>, slotsOf: (block: Block) => readonly Slot[]): InspectedEni {
  return {
    id: eni.facts.id,
    facts: eni.facts,
    isPrimary: isPrimaryEni(eni.facts),
    blocks: Array.from(eni.blocks.values(), (block) => inspectBlock(block, slotsOf(block))),
  };
}

function inspectBlock(block: Block, slots: readonly Slot[]): InspectedBlock {
  const used = slots.filter((slot) => slot.holder !== undefined || slot.releasedAt !== undefined);
  return {
    cidr: formatCidr4(block.cidr),
    isPrefix: block.kind === "prefix",
    addresses: used.map((slot) => ({
      address: formatIpv4(slot.address),
      ...(slot.holder === undefined ? {} : { holder: slot.holder }),
      ...(slot.releasedAt === undefined ? {} : { releasedAt: slot.releasedAt }),
    })),
  };
}
