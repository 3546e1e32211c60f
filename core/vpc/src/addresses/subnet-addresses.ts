import { cidr4Has, cidr4Size, formatCidr4, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import { AddressSpace, RESERVED_BY_AWS } from "./address-space.ts";
import type { Eni } from "../enis/eni.ts";
import type { SubnetUsage } from "../subnets/subnet.ts";

/** What an ENI holds besides its primary address. */
export type Held = Pick<Eni, "secondaryAddresses" | "prefixes">;

/** The addresses of one subnet and who holds them. */
export class SubnetAddresses {
  readonly space: AddressSpace;
  /** By the address's offset in the subnet: an array, because a /16 fills it with tens of thousands. */
  readonly #holders: (EniId | undefined)[];
  /** By the number of the /28 in the subnet. */
  readonly #prefixHolders = new Map<number, EniId>();

  readonly #byEni = new Map<EniId, { readonly secondaryAddresses: Ipv4[]; readonly prefixes: Cidr4[] }>();

  constructor(cidr: Cidr4) {
    this.space = new AddressSpace(cidr);
    this.#holders = Array.from({ length: cidr4Size(cidr) });
  }

  /** The ENI that holds the address itself, as primary or secondary. */
  holderOf(address: Ipv4): EniId | undefined {
    return this.#holders[address - this.space.cidr.base];
  }

  /** The ENI that holds the address itself or a prefix with it. */
  ownerOf(address: Ipv4): EniId | undefined {
    if (!cidr4Has(this.space.cidr, address)) return undefined;
    return this.#holders[address - this.space.cidr.base] ?? this.#prefixHolders.get(this.space.blockOf(address));
  }

  /** The secondary addresses and prefixes of an ENI as they are now; oldest first. Copy before handing it out. */
  heldBy(eniId: EniId): Held {
    const held = this.#byEni.get(eniId);
    if (held === undefined) throw new Error(`${eniId} holds nothing in ${formatCidr4(this.space.cidr)}`);
    return held;
  }

  /** The first thing every ENI gets. */
  holdPrimary(eniId: EniId, address: Ipv4): void {
    this.#take(eniId, address);
    this.#byEni.set(eniId, { secondaryAddresses: [], prefixes: [] });
  }

  hold(eniId: EniId, address: Ipv4): void {
    this.#take(eniId, address);
    this.#byEni.get(eniId)?.secondaryAddresses.push(address);
  }

  drop(eniId: EniId, address: Ipv4): void {
    this.#release(address);
    remove(this.#byEni.get(eniId)?.secondaryAddresses, (other) => other === address);
  }

  holdPrefix(eniId: EniId, prefix: Cidr4): void {
    this.space.takePrefix(prefix);
    this.#prefixHolders.set(this.space.blockOf(prefix.base), eniId);
    this.#byEni.get(eniId)?.prefixes.push(prefix);
  }

  dropPrefix(eniId: EniId, prefix: Cidr4): void {
    this.#releasePrefix(prefix);
    remove(this.#byEni.get(eniId)?.prefixes, (other) => other.base === prefix.base);
  }

  /** Frees everything of an ENI. */
  dropAll(eniId: EniId, primaryAddress: Ipv4): void {
    const { secondaryAddresses, prefixes } = this.heldBy(eniId);
    this.#release(primaryAddress);
    for (const address of secondaryAddresses) this.#release(address);
    for (const prefix of prefixes) this.#releasePrefix(prefix);
    this.#byEni.delete(eniId);
  }

  #take(eniId: EniId, address: Ipv4): void {
    this.space.take(address);
    this.#holders[address - this.space.cidr.base] = eniId;
  }

  #release(address: Ipv4): void {
    this.space.release(address);
    this.#holders[address - this.space.cidr.base] = undefined;
  }

  #releasePrefix(prefix: Cidr4): void {
    this.space.releasePrefix(prefix);
    this.#prefixHolders.delete(this.space.blockOf(prefix.base));
  }

  usage(): SubnetUsage {
    const { taken, prefixes, setAside, freePrefixes } = this.space.counts;
    const inPrefixes = prefixes * 16;
    return {
      total: this.space.size,
      reservedByAws: RESERVED_BY_AWS,
      held: taken - RESERVED_BY_AWS - inPrefixes,
      inPrefixes,
      setAside,
      free: this.space.freeAddresses,
      freePrefixes,
    };
  }
}

function remove<T>(list: T[] | undefined, isGone: (item: T) => boolean): void {
  const index = list?.findIndex(isGone) ?? -1;
  if (index >= 0) list?.splice(index, 1);
}
