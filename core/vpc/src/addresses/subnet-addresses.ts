import { cidr4Has, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import { AddressSpace, RESERVED_BY_AWS } from "./address-space.ts";
import type { SubnetUsage } from "../subnets/subnet.ts";

/** The addresses of one subnet and who holds them. */
export class SubnetAddresses {
  readonly space: AddressSpace;
  readonly #holders = new Map<Ipv4, EniId>();
  /** By the number of the /28 in the subnet. */
  readonly #prefixHolders = new Map<number, EniId>();

  constructor(cidr: Cidr4) {
    this.space = new AddressSpace(cidr);
  }

  /** The ENI that holds the address itself, as primary or secondary. */
  holderOf(address: Ipv4): EniId | undefined {
    return this.#holders.get(address);
  }

  /** The ENI that holds the address itself or a prefix with it. */
  ownerOf(address: Ipv4): EniId | undefined {
    if (!cidr4Has(this.space.cidr, address)) return undefined;
    return this.#holders.get(address) ?? this.#prefixHolders.get(this.space.blockOf(address));
  }

  hold(eniId: EniId, address: Ipv4): void {
    this.space.take(address);
    this.#holders.set(address, eniId);
  }

  /** Passes an address held by one ENI to another. */
  pass(eniId: EniId, address: Ipv4): void {
    this.#holders.set(address, eniId);
  }

  drop(address: Ipv4): void {
    this.space.release(address);
    this.#holders.delete(address);
  }

  holdPrefix(eniId: EniId, prefix: Cidr4): void {
    this.space.takePrefix(prefix);
    this.#prefixHolders.set(this.space.blockOf(prefix.base), eniId);
  }

  dropPrefix(prefix: Cidr4): void {
    this.space.releasePrefix(prefix);
    this.#prefixHolders.delete(this.space.blockOf(prefix.base));
  }

  usage(): SubnetUsage {
    const { taken, prefixes, setAside, freePrefixes } = this.space.counts;
    const inPrefixes = prefixes * 16;
    return {
      total: 2 ** (32 - this.space.cidr.length),
      reservedByAws: RESERVED_BY_AWS,
      held: taken - RESERVED_BY_AWS - inPrefixes,
      inPrefixes,
      setAside,
      free: this.space.freeAddresses,
      freePrefixes,
    };
  }
}
