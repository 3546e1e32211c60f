import { freeIn, type Block, type EniState } from "./block.ts";
import type { BlockKind, Tally } from "./pool-view.ts";

interface Counts {
  held: number;
  assigned: number;
  cooling: number;
}

/** The counts of a pool by kind of block, kept true across changes so that reading them costs nothing. */
export class Tallies {
  readonly #counts: Readonly<Record<BlockKind, Counts>> = {
    address: { held: 0, assigned: 0, cooling: 0 },
    prefix: { held: 0, assigned: 0, cooling: 0 },
  };

  /** Runs a change of these blocks (their addresses, whether they are open) and counts what it did. */
  across(blocks: Iterable<Block>, change: () => void): void {
    const touched = [...blocks];
    for (const block of touched) this.add(block, -1);
    change();
    for (const block of touched) this.add(block, 1);
  }

  /** The same for an ENI with all its blocks. */
  acrossEni(eni: EniState, change: () => void): void {
    this.across(eni.blocks.values(), change);
    eni.view = undefined;
  }

  /** The same for one block. */
  acrossOne(block: Block, change: () => void): void {
    this.add(block, -1);
    change();
    this.add(block, 1);
  }

  /** Counts a block in, or out. A closed block counts only with what pods hold of it or held lately. */
  add(block: Block, sign: 1 | -1): void {
    const counts = this.#counts[block.kind];
    const free = freeIn(block);
    block.eni.free[block.kind] += sign * free;
    block.eni.view = undefined;
    block.view = undefined;
    counts.held += sign * (block.assigned + block.cooling + free);
    counts.assigned += sign * block.assigned;
    counts.cooling += sign * block.cooling;
  }

  /** Free addresses of a kind. */
  freeOf(kind: BlockKind): number {
    const { held, assigned, cooling } = this.#counts[kind];
    return held - assigned - cooling;
  }

  /** Addresses of a kind that pods have or that rest. */
  usedOf(kind: BlockKind): number {
    const { assigned, cooling } = this.#counts[kind];
    return assigned + cooling;
  }

  of(kind: BlockKind): Tally {
    const { held, assigned, cooling } = this.#counts[kind];
    return { held, assigned, cooling, free: held - assigned - cooling };
  }

  /** Both kinds together. */
  all(): Tally {
    const a = this.of("address");
    const p = this.of("prefix");
    return { held: a.held + p.held, assigned: a.assigned + p.assigned, cooling: a.cooling + p.cooling, free: a.free + p.free };
  }
}
