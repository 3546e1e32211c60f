import { freeIn, type Block, type EniState } from "./block.ts";
import type { BlockKind } from "./pool-view.ts";

/**
 * The block that the next pod gets an address of, chosen on purpose where upstream leaves it to chance: on the ENI with most pods, there the prefix
 * with most pods, so that whole prefixes and ENIs empty and can go back; among single addresses one that was never used before the one that rested
 * longest, so that late packets for a former holder find nobody; then the lowest. `undefined`: nothing of this kind is free.
 */
export function chooseBlock(enis: readonly EniState[], kind: BlockKind): Block | undefined {
  let bestEni: EniState | undefined;
  let best: Block | undefined;
  for (const eni of enis) {
    const free = kind === "prefix" ? eni.free.prefix : eni.free.address;
    if (free === 0 || (bestEni !== undefined && eni.assigned <= bestEni.assigned)) continue;
    const block = fullestBlock(eni, kind);
    if (block === undefined) continue;
    bestEni = eni;
    best = block;
  }
  return best;
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
  return restA === restB ? a.base < b.base : restA < restB;
}

/** When a single address was last given back, -1 for never; prefixes are compared by their pods alone. */
function lastUse(block: Block): number {
  return block.kind === "address" && block.usedBits !== 0 ? (block.releasedAt[0] ?? -1) : -1;
}

/** Which address of a block with a free one the next pod gets: the lowest that was never used, else the one that rested longest. */
export function chooseIndex(block: Block): number {
  const free = ~(block.heldBits | block.coolingBits) & (2 ** block.size - 1);
  const unused = free & ~block.usedBits;
  if (unused !== 0) return lowestBit(unused);
  let best = lowestBit(free);
  for (let left = free & (free - 1); left !== 0; left &= left - 1) {
    const index = lowestBit(left);
    if ((block.releasedAt[index] ?? 0) < (block.releasedAt[best] ?? 0)) best = index;
  }
  return best;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
