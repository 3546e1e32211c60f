import {
  cidr6Contains,
  cidr6Has,
  cidr6Last,
  cidr6Of,
  cidr6Overlaps,
  cidr6Size,
  IPV6_PREFIX_LENGTH,
  offsetIpv6,
  type Cidr6,
  type EniId,
  type Ipv6,
} from "@slash28/address";
import type { ReservationType } from "./address-space.ts";

/** EC2 keeps the first four addresses of a subnet and the last, in IPv6 as in IPv4. */
const RESERVED_AT_START = 4n;

interface Reserved {
  readonly range: Cidr6;
  readonly type: ReservationType;
}

/** The IPv6 addresses of one subnet: too many for a bit each, so that only what is held is written down. Offsets count from the base. */
export class Ipv6Space {
  readonly cidr: Cidr6;
  readonly size: bigint;
  /** How many /80 the range has, the first and the last included although they are never given. */
  readonly blocks: bigint;
  readonly #holders = new Map<Ipv6, EniId>();
  readonly #prefixHolders = new Map<bigint, EniId>();
  /** Single addresses held per /80; absent when none. */
  readonly #heldInBlock = new Map<bigint, number>();
  #reserved: readonly Reserved[] = [];
  #takes = 0;

  constructor(cidr: Cidr6) {
    this.cidr = cidr;
    this.size = cidr6Size(cidr);
    this.blocks = 1n << BigInt(IPV6_PREFIX_LENGTH - cidr.length);
  }

  /** How often something was taken; scattered picks follow from it. */
  get takes(): number {
    return this.#takes;
  }

  get isEmpty(): boolean {
    return this.#holders.size + this.#prefixHolders.size === 0;
  }

  isReservedByAws(address: Ipv6): boolean {
    const offset = address - this.cidr.base;
    return offset < RESERVED_AT_START || offset === this.size - 1n;
  }

  blockOf(address: Ipv6): bigint {
    return (address - this.cidr.base) >> BigInt(128 - IPV6_PREFIX_LENGTH);
  }

  prefixAt(block: bigint): Cidr6 {
    return { base: offsetIpv6(this.cidr.base, block << BigInt(128 - IPV6_PREFIX_LENGTH)), length: IPV6_PREFIX_LENGTH };
  }

  /** The ENI that holds the address itself or a prefix with it. */
  ownerOf(address: Ipv6): EniId | undefined {
    if (!cidr6Has(this.cidr, address)) return undefined;
    return this.#holders.get(address) ?? this.#prefixHolders.get(this.blockOf(address));
  }

  /** Whether all addresses of a /80 of the subnet can be had, in a reservation or not; one with an address of AWS's own never. */
  isWholeBlockFree(block: bigint): boolean {
    const hasAwsAddress = block === 0n || block === this.blocks - 1n;
    return !hasAwsAddress && !this.#prefixHolders.has(block) && !this.#heldInBlock.has(block);
  }

  /** The reservation that touches the range, if one does. */
  reservationAt(range: Cidr6): Reserved | undefined {
    return this.#reserved.find((row) => cidr6Overlaps(row.range, range));
  }

  prefixReservations(): readonly Cidr6[] {
    return this.#reserved.filter(({ type }) => type === "prefix").map(({ range }) => range);
  }

  hold(eniId: EniId, address: Ipv6): void {
    if (this.ownerOf(address) !== undefined) throw new Error(`an IPv6 address of ${eniId} is held twice`);
    this.#holders.set(address, eniId);
    const block = this.blockOf(address);
    this.#heldInBlock.set(block, (this.#heldInBlock.get(block) ?? 0) + 1);
    this.#takes++;
  }

  drop(address: Ipv6): void {
    if (!this.#holders.delete(address)) throw new Error("an IPv6 address is released twice");
    const block = this.blockOf(address);
    const left = (this.#heldInBlock.get(block) ?? 0) - 1;
    if (left > 0) this.#heldInBlock.set(block, left);
    else this.#heldInBlock.delete(block);
  }

  holdPrefix(eniId: EniId, prefix: Cidr6): void {
    const block = this.blockOf(prefix.base);
    if (!this.isWholeBlockFree(block)) throw new Error(`an IPv6 prefix of ${eniId} is held twice`);
    this.#prefixHolders.set(block, eniId);
    this.#takes++;
  }

  dropPrefix(prefix: Cidr6): void {
    if (!this.#prefixHolders.delete(this.blockOf(prefix.base))) throw new Error("an IPv6 prefix is released twice");
  }

  reserve(range: Cidr6, type: ReservationType): void {
    this.#reserved = [...this.#reserved, { range, type }];
  }

  unreserve(range: Cidr6): void {
    this.#reserved = this.#reserved.filter((row) => row.range.base !== range.base || row.range.length !== range.length);
  }

  /** The first address to be had at or after an offset; automatic picks stay out of reservations. `isChosen`: not these either. */
  nextAddress(from: bigint, isChosen: (address: Ipv6) => boolean): Ipv6 | undefined {
    let offset = from < RESERVED_AT_START ? RESERVED_AT_START : from;
    while (offset < this.size - 1n) {
      const address = offsetIpv6(this.cidr.base, offset);
      const skip = this.reservationAt(cidr6Of(address, 128))?.range ?? this.#heldPrefixAt(address);
      if (skip !== undefined) offset = cidr6Last(skip) - this.cidr.base + 1n;
      else if (this.#holders.has(address) || isChosen(address)) offset++;
      else return address;
    }
    return undefined;
  }

  /** The first whole /80 to be had at or after a block number, inside `within` or, without it, outside every reservation. */
  nextBlock(from: bigint, within: Cidr6 | undefined, isChosen: (block: bigint) => boolean): bigint | undefined {
    const inside = within ?? this.cidr;
    if (inside.length > IPV6_PREFIX_LENGTH) return undefined;
    const first = this.blockOf(inside.base);
    const last = this.blockOf(cidr6Last(inside));
    for (let block = from > first ? from : first; block <= last;) {
      const reserved = within === undefined ? this.reservationAt(this.prefixAt(block)) : undefined;
      if (reserved !== undefined) block = this.blockOf(cidr6Last(reserved.range)) + 1n;
      else if (!this.isWholeBlockFree(block) || isChosen(block)) block++;
      else return block;
    }
    return undefined;
  }

  /** Whether a range is a /80 of this subnet. */
  isPrefixHere(prefix: Cidr6): boolean {
    return prefix.length === IPV6_PREFIX_LENGTH && cidr6Contains(this.cidr, prefix);
  }

  #heldPrefixAt(address: Ipv6): Cidr6 | undefined {
    const block = this.blockOf(address);
    return this.#prefixHolders.has(block) ? this.prefixAt(block) : undefined;
  }
}
