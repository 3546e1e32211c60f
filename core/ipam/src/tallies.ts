import { freeIn, isOpen, type Block, type EniState } from "./block.ts";
import type { BlockKind, Tally } from "./pool-view.ts";

interface Counts {
  held: number;
  assigned: number;
  cooling: number;
}

/** The counts of a pool by kind of block, kept true across changes so that reading them costs nothing. */
export class Tallies {
  readonly #addresses: Counts = { held: 0, assigned: 0, cooling: 0 };
  readonly #prefixes: Counts = { held: 0, assigned: 0, cooling: 0 };

  /** Runs a change of these blocks (whether they are open) and counts what it did. */
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

  /** Counts a block in, or out. A closed block counts only with what pods hold of it or held lately. */
  add(block: Block, sign: 1 | -1): void {
    const free = sign * freeIn(block);
    const counts = this.#countsOf(block.kind);
    counts.held += sign * (block.assigned + block.cooling) + free;
    counts.assigned += sign * block.assigned;
    counts.cooling += sign * block.cooling;
    this.#changeFree(block, free);
  }

  /** One more address of a block is with a pod (1), or one fewer (-1). */
  assign(block: Block, change: 1 | -1): void {
    block.assigned += change;
    block.eni.assigned += change;
    const counts = this.#countsOf(block.kind);
    counts.assigned += change;
    this.#use(block, counts, change);
  }

  /** One more address of a block rests (1), or one fewer (-1). */
  cool(block: Block, change: 1 | -1): void {
    block.cooling += change;
    block.eni.cooling += change;
    const counts = this.#countsOf(block.kind);
    counts.cooling += change;
    this.#use(block, counts, change);
  }

  /** An open block has fewer free for each that is used; a closed one holds nothing else. */
  #use(block: Block, counts: Counts, change: number): void {
    const open = isOpen(block);
    if (!open) counts.held += change;
    this.#changeFree(block, open ? -change : 0);
  }

  #changeFree(block: Block, change: number): void {
    const { eni } = block;
    if (block.kind === "prefix") eni.free.prefix += change;
    else eni.free.address += change;
    eni.view = undefined;
    block.view = undefined;
  }

  #countsOf(kind: BlockKind): Counts {
    return kind === "prefix" ? this.#prefixes : this.#addresses;
  }

  /** Free addresses of a kind. */
  freeOf(kind: BlockKind): number {
    const { held, assigned, cooling } = this.#countsOf(kind);
    return held - assigned - cooling;
  }

  /** Addresses of a kind that pods have or that rest. */
  usedOf(kind: BlockKind): number {
    const { assigned, cooling } = this.#countsOf(kind);
    return assigned + cooling;
  }

  of(kind: BlockKind): Tally {
    const { held, assigned, cooling } = this.#countsOf(kind);
    return { held, assigned, cooling, free: held - assigned - cooling };
  }

  /** Both kinds together. */
  all(): Tally {
    const a = this.of("address");
    const p = this.of("prefix");
    return { held: a.held + p.held, assigned: a.assigned + p.assigned, cooling: a.cooling + p.cooling, free: a.free + p.free };
  }
}
