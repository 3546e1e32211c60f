import { cidr4Has, cidr4Last, cidr4Of, cidr4Size, offsetIpv4, type Cidr4, type Ipv4 } from "@slash28/address";
import { BitTree } from "./bit-tree.ts";

/** Length of the only IPv4 prefix that EC2 puts on an ENI. */
export const PREFIX_LENGTH = 28;
const BLOCK = 16;

export type ReservationType = "prefix" | "explicit";

/** EC2 keeps the first four addresses of a subnet (network, router, DNS, future use) and the last. */
const RESERVED_AT_START = 4;
export const RESERVED_BY_AWS = RESERVED_AT_START + 1;

/** The addresses of a subnet that EC2 keeps for itself, as ranges. */
export function reservedByAws(subnet: Cidr4): readonly Cidr4[] {
  return [cidr4Of(subnet.base, 30), cidr4Of(cidr4Last(subnet), 32)];
}

/** The addresses of one subnet as numbers from 0, and its /28 blocks likewise: which are taken, set aside, or to be had. */
export class AddressSpace {
  readonly cidr: Cidr4;
  /** Addresses in all. */
  readonly size: number;
  /** Taken: reserved by AWS, held by an ENI, or inside a prefix. */
  readonly #taken: BitTree;
  /** To be had as a single address: not taken and in no reservation. */
  readonly #single: BitTree;
  readonly #takenInBlock: Uint8Array;
  /** How many addresses of a block lie in a reservation, by type. */
  readonly #reserved: Readonly<Record<ReservationType, BitTree>>;
  readonly #reservedInBlock: Readonly<Record<ReservationType, Uint8Array>>;
  /** Whole free blocks outside every reservation, and inside prefix reservations. */
  readonly #openBlocks: BitTree;
  readonly #reservedBlocks: BitTree;
  #takenCount = 0;
  #prefixCount = 0;
  #setAside = 0;
  #freeBlocks = 0;
  #takes = 0;

  constructor(cidr: Cidr4) {
    const size = cidr4Size(cidr);
    const blocks = size / BLOCK;
    this.cidr = cidr;
    this.size = size;
    this.#taken = new BitTree(size);
    this.#single = new BitTree(size);
    this.#takenInBlock = new Uint8Array(blocks);
    this.#reserved = { prefix: new BitTree(size), explicit: new BitTree(size) };
    this.#reservedInBlock = { prefix: new Uint8Array(blocks), explicit: new Uint8Array(blocks) };
    this.#openBlocks = new BitTree(blocks);
    this.#reservedBlocks = new BitTree(blocks);
    for (let i = 0; i < size; i++) this.#single.add(i);
    for (let i = 0; i < blocks; i++) this.#review(i);
    for (let i = 0; i < RESERVED_AT_START; i++) this.#mark(i, true);
    this.#mark(size - 1, true);
    this.#takes = 0;
  }

  /** How often something was taken; scattered picks follow from it. */
  get takes(): number {
    return this.#takes;
  }

  get freeAddresses(): number {
    return this.size - this.#takenCount - this.#setAside;
  }

  get counts(): { readonly taken: number; readonly prefixes: number; readonly setAside: number; readonly freePrefixes: number } {
    return { taken: this.#takenCount, prefixes: this.#prefixCount, setAside: this.#setAside, freePrefixes: this.#freeBlocks };
  }

  isReservedByAws(address: Ipv4): boolean {
    const offset = address - this.cidr.base;
    return offset < RESERVED_AT_START || offset === this.size - 1;
  }

  isTaken(address: Ipv4): boolean {
    return cidr4Has(this.cidr, address) && this.#taken.has(address - this.cidr.base);
  }

  /** Whether all sixteen addresses of the block can be had, in a reservation or not. */
  isWholeBlockFree(prefix: Cidr4): boolean {
    return cidr4Has(this.cidr, prefix.base) && this.#takenInBlock[(prefix.base - this.cidr.base) / BLOCK] === 0;
  }

  /** The first single address to be had at or after an offset; automatic picks stay out of reservations. */
  nextAddress(from: number): Ipv4 | undefined {
    const offset = this.#single.next(from);
    return offset === undefined ? undefined : offsetIpv4(this.cidr.base, offset);
  }

  /** The first whole block to be had at or after a block number: in a prefix reservation, or outside every reservation. */
  nextBlock(from: number, where: "reserved" | "open"): number | undefined {
    return (where === "reserved" ? this.#reservedBlocks : this.#openBlocks).next(from);
  }

  blockOf(address: Ipv4): number {
    return (address - this.cidr.base) >>> 4;
  }

  prefixAt(block: number): Cidr4 {
    return { base: offsetIpv4(this.cidr.base, block * BLOCK), length: PREFIX_LENGTH };
  }

  take(address: Ipv4): void {
    this.#mark(address - this.cidr.base, true);
  }

  release(address: Ipv4): void {
    this.#mark(address - this.cidr.base, false);
  }

  takePrefix(prefix: Cidr4): void {
    this.#markBlock(prefix, true);
    this.#prefixCount++;
  }

  releasePrefix(prefix: Cidr4): void {
    this.#markBlock(prefix, false);
    this.#prefixCount--;
  }

  reserve(range: Cidr4, type: ReservationType): void {
    this.#setReserved(range, type, true);
  }

  unreserve(range: Cidr4, type: ReservationType): void {
    this.#setReserved(range, type, false);
  }

  #markBlock(prefix: Cidr4, isTaken: boolean): void {
    const start = prefix.base - this.cidr.base;
    for (let i = start; i < start + BLOCK; i++) this.#mark(i, isTaken);
  }

  #mark(offset: number, isTaken: boolean): void {
    if (this.#taken.has(offset) === isTaken) {
      throw new Error(`offset ${offset} of the subnet is ${isTaken ? "taken" : "released"} twice`);
    }
    const block = offset >>> 4;
    const step = isTaken ? 1 : -1;
    this.#taken.set(offset, isTaken);
    this.#takenCount += step;
    const before = this.#takenInBlock[block] ?? 0;
    this.#takenInBlock[block] = before + step;
    if (this.#reserved.prefix.has(offset)) this.#setAside -= step;
    else if (!this.#reserved.explicit.has(offset)) this.#single.set(offset, !isTaken);
    if (isTaken) this.#takes++;
    // Only the first address taken from a block, and the last one given back, change what it is good for.
    if (before === 0 || before + step === 0) this.#review(block);
  }

  #setReserved(range: Cidr4, type: ReservationType, isReserved: boolean): void {
    const start = range.base - this.cidr.base;
    const step = isReserved ? 1 : -1;
    const perBlock = this.#reservedInBlock[type];
    for (let offset = start; offset < start + cidr4Size(range); offset++) {
      const isFree = !this.#taken.has(offset);
      this.#reserved[type].set(offset, isReserved);
      perBlock[offset >>> 4] = (perBlock[offset >>> 4] ?? 0) + step;
      if (isFree) this.#single.set(offset, !isReserved);
      if (isFree && type === "prefix") this.#setAside += step;
    }
    const last = start + cidr4Size(range) - 1;
    for (let block = start >>> 4; block <= last >>> 4; block++) this.#review(block);
  }

  /** Brings the two sets of whole free blocks up to date for one block. */
  #review(block: number): void {
    const isFree = this.#takenInBlock[block] === 0;
    const inPrefix = this.#reservedInBlock.prefix[block] ?? 0;
    const inExplicit = this.#reservedInBlock.explicit[block] ?? 0;
    const isOpen = isFree && inPrefix + inExplicit === 0;
    const isReserved = isFree && inPrefix === BLOCK;
    const before = this.#openBlocks.has(block) || this.#reservedBlocks.has(block);
    if (before !== (isOpen || isReserved)) this.#freeBlocks += before ? -1 : 1;
    this.#openBlocks.set(block, isOpen);
    this.#reservedBlocks.set(block, isReserved);
  }
}
