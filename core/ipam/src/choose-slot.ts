import { freeIn, type Block, type EniState, type Slot } from "./block.ts";
import type { BlockKind } from "./pool-view.ts";

/**
 * The address the next pod gets, chosen on purpose where upstream leaves it to chance: from the ENI with most pods, in it from the prefix
 * with most pods, so that whole prefixes and ENIs empty and can go back; among equals one that was never used before the one that rested
 * longest, so that late packets for a former holder find nobody; then the lowest.
 */
export function chooseSlot(enis: Iterable<EniState>, kind: BlockKind): Slot | undefined {
  let bestEni: EniState | undefined;
  let bestBlock: Block | undefined;
  for (const eni of enis) {
    if (eni.free[kind] === 0 || (bestEni !== undefined && eni.assigned <= bestEni.assigned)) continue;
    const block = fullestBlock(eni, kind);
    if (block === undefined) continue;
    bestEni = eni;
    bestBlock = block;
  }
  return bestBlock === undefined ? undefined : bestSlot(bestBlock);
}

function fullestBlock(eni: EniState, kind: BlockKind): Block | undefined {
  let best: Block | undefined;
  for (const block of eni.blocks.values()) {
    if (block.kind !== kind || (best !== undefined && !comesBefore(block, best))) continue;
    if (freeIn(block) > 0) best = block;
  }
  return best;
}

function comesBefore(a: Block, b: Block): boolean {
  if (a.assigned !== b.assigned) return a.assigned > b.assigned;
  const restA = lastUse(a);
  const restB = lastUse(b);
  return restA === restB ? a.cidr.base < b.cidr.base : restA < restB;
}

/** When a single address was last given back, -1 for never; prefixes are compared by their pods alone. */
function lastUse(block: Block): number {
  return block.kind === "address" ? (block.slots[0]?.releasedAt ?? -1) : -1;
}

function bestSlot(block: Block): Slot | undefined {
  let best: Slot | undefined;
  for (const slot of block.slots) {
    if (slot.holder !== undefined || slot.coolUntil !== undefined) continue;
    if (slot.releasedAt === undefined) return slot;
    if (best?.releasedAt === undefined || slot.releasedAt < best.releasedAt) best = slot;
  }
  return best;
}
