import type { Cidr6, Ipv6 } from "@slash28/address";
import type { PickOrder } from "./address-picker.ts";
import type { Ipv6Space } from "./ipv6-space.ts";
import { mix32 } from "./mix.ts";

/** Chooses IPv6 addresses and prefixes for one call without taking them, as `AddressPicker` does for IPv4. */
export class Ipv6Picker {
  readonly space: Ipv6Space;
  readonly #order: PickOrder;
  readonly #addresses = new Set<Ipv6>();
  /** /80 that a chosen address lies in: no prefix any more. */
  readonly #touchedBlocks = new Set<bigint>();
  readonly #prefixBlocks = new Set<bigint>();
  #picks = 0;

  constructor(space: Ipv6Space, order: PickOrder) {
    this.space = space;
    this.#order = order;
  }

  /** Whether an address, or a prefix with it, was chosen before. */
  hasChosen(address: Ipv6): boolean {
    return this.#addresses.has(address) || this.#prefixBlocks.has(this.space.blockOf(address));
  }

  hasChosenIn(prefix: Cidr6): boolean {
    return this.#isChosenBlock(this.space.blockOf(prefix.base));
  }

  choose(address: Ipv6): void {
    this.#addresses.add(address);
    this.#touchedBlocks.add(this.space.blockOf(address));
  }

  choosePrefix(prefix: Cidr6): void {
    this.#prefixBlocks.add(this.space.blockOf(prefix.base));
  }

  address(): Ipv6 | undefined {
    const { space } = this;
    const start = this.#startIn(space.size);
    const isChosen = (address: Ipv6): boolean => this.hasChosen(address);
    const found = space.nextAddress(start, isChosen) ?? (start > 0n ? space.nextAddress(0n, isChosen) : undefined);
    if (found !== undefined) this.choose(found);
    return found;
  }

  /** Prefix reservations first, then what no reservation covers (AWS: "Subnet CIDR reservations"). */
  prefix(): Cidr6 | undefined {
    const { space } = this;
    const isChosen = (block: bigint): boolean => this.#isChosenBlock(block);
    for (const range of space.prefixReservations()) {
      const block = space.nextBlock(0n, range, isChosen);
      if (block !== undefined) return this.#take(block);
    }
    const start = this.#startIn(space.blocks);
    const block = space.nextBlock(start, undefined, isChosen) ?? space.nextBlock(0n, undefined, isChosen);
    return block === undefined ? undefined : this.#take(block);
  }

  #take(block: bigint): Cidr6 {
    const prefix = this.space.prefixAt(block);
    this.choosePrefix(prefix);
    return prefix;
  }

  #isChosenBlock(block: bigint): boolean {
    return this.#prefixBlocks.has(block) || this.#touchedBlocks.has(block);
  }

  #startIn(size: bigint): bigint {
    if (this.#order.kind === "lowest") return 0n;
    const step = mix32(this.#order.seed ^ mix32(this.space.takes + this.#picks++));
    return ((BigInt(step) << 32n) | BigInt(mix32(step ^ 0x5bd1_e995))) % size;
  }
}
