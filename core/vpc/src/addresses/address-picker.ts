import { offsetIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import type { AddressSpace } from "./address-space.ts";
import { mix32 } from "./mix.ts";

/** Chooses where in the space to look first. */
export type PickOrder = { readonly kind: "lowest" } | { readonly kind: "scatter"; readonly seed: number };

/**
 * Chooses addresses and prefixes for one call without taking them: a call that is refused half-way has changed nothing. What one picker has
 * chosen it does not choose again.
 */
export class AddressPicker {
  readonly space: AddressSpace;
  readonly #order: PickOrder;
  readonly #addresses = new Set<Ipv4>();
  /** Blocks that prefixes were chosen for. */
  readonly #prefixBlocks = new Set<number>();
  /** Picks so far: each scattered pick starts somewhere else. */
  #picks = 0;
  /** Everything below is taken or chosen; where lowest-first picking goes on. */
  #addressFrom = 0;

  constructor(space: AddressSpace, order: PickOrder) {
    this.space = space;
    this.#order = order;
  }

  /** Whether an address or a prefix with it was chosen before. */
  hasChosen(address: Ipv4): boolean {
    return this.#addresses.has(address) || this.#prefixBlocks.has(this.space.blockOf(address));
  }

  hasChosenIn(prefix: Cidr4): boolean {
    return this.#isChosenBlock(this.space.blockOf(prefix.base));
  }

  /** Keeps an address the caller named. */
  choose(address: Ipv4): void {
    this.#addresses.add(address);
  }

  /** Keeps a prefix the caller named. */
  choosePrefix(prefix: Cidr4): void {
    this.#prefixBlocks.add(this.space.blockOf(prefix.base));
  }

  address(): Ipv4 | undefined {
    const start = this.#order.kind === "lowest" ? this.#addressFrom : this.#startIn(this.space.size);
    const found = this.#addressFromOffset(start) ?? (start > 0 ? this.#addressFromOffset(0) : undefined);
    if (found === undefined) return undefined;
    if (this.#order.kind === "lowest") this.#addressFrom = found - this.space.cidr.base + 1;
    this.choose(found);
    return found;
  }

  /** Prefix reservations first, then the open pool (AWS: "Subnet CIDR reservations"). */
  prefix(): Cidr4 | undefined {
    const start = this.#order.kind === "lowest" ? 0 : this.#startIn(this.space.size / 16);
    const block = this.#block(start, "reserved") ?? this.#block(start, "open");
    if (block === undefined) return undefined;
    const prefix = this.space.prefixAt(block);
    this.choosePrefix(prefix);
    return prefix;
  }

  #addressFromOffset(from: number): Ipv4 | undefined {
    let found = this.space.nextAddress(from);
    while (found !== undefined && this.hasChosen(found)) {
      const isInPrefix = this.#prefixBlocks.has(this.space.blockOf(found));
      const offset = found - this.space.cidr.base;
      found = this.space.nextAddress(isInPrefix ? (offset | 15) + 1 : offset + 1);
    }
    return found;
  }

  #block(start: number, where: "reserved" | "open"): number | undefined {
    return this.#blockFrom(start, where) ?? (start > 0 ? this.#blockFrom(0, where) : undefined);
  }

  #blockFrom(from: number, where: "reserved" | "open"): number | undefined {
    let block = this.space.nextBlock(from, where);
    while (block !== undefined && this.#isChosenBlock(block)) block = this.space.nextBlock(block + 1, where);
    return block;
  }

  /** Whether a block is no longer whole by what was chosen from it. */
  #isChosenBlock(block: number): boolean {
    if (this.#prefixBlocks.has(block)) return true;
    const { base } = this.space.prefixAt(block);
    for (let step = 0; this.#addresses.size > 0 && step < 16; step++) if (this.#addresses.has(offsetIpv4(base, step))) return true;
    return false;
  }

  #startIn(size: number): number {
    const seed = this.#order.kind === "scatter" ? this.#order.seed : 0;
    return mix32(seed ^ mix32(this.space.takes + this.#picks++)) % size;
  }
}
