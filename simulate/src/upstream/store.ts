import { cidr4Has, cidr4Size, formatCidr4, offsetIpv4, type Cidr4, type EniId, type Ipv4 } from "@slash28/address";
import type { Random } from "@slash28/simulation";

/** One address that was used at least once. */
interface StoreAddress {
  readonly address: Ipv4;
  pod: string | undefined;
  unassignedAt: number | undefined;
}

export interface StoreCidr {
  readonly cidr: Cidr4;
  readonly isPrefix: boolean;
  readonly addresses: Map<Ipv4, StoreAddress>;
}

export interface StoreEni {
  readonly id: EniId;
  readonly isPrimary: boolean;
  readonly addedAt: number;
  /** By the range as text. */
  readonly cidrs: Map<string, StoreCidr>;
}

export interface StoreCounts {
  readonly total: number;
  readonly assigned: number;
  readonly cooling: number;
  /** As upstream counts: addresses at rest are among them. */
  readonly available: number;
}

export interface StoreOptions {
  readonly usesPrefixes: boolean;
  readonly cooldownMs: number;
  /** Upstream walks maps in an order that nobody chose. */
  readonly random: Random;
}

/** The datastore of the VPC CNI's daemon: a comparison model, true to its rules and quirks. What it does not keep on disk dies with it. */
export class UpstreamStore {
  readonly usesPrefixes: boolean;
  readonly enis = new Map<EniId, StoreEni>();
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.usesPrefixes = options.usesPrefixes;
  }

  addEni(id: EniId, isPrimary: boolean, now: number): void {
    if (!this.enis.has(id)) this.enis.set(id, { id, isPrimary, addedAt: now, cidrs: new Map() });
  }

  addCidr(eni: EniId, cidr: Cidr4): void {
    const cidrs = this.enis.get(eni)?.cidrs;
    const text = formatCidr4(cidr);
    if (cidrs?.has(text) === false) cidrs.set(text, { cidr, isPrefix: cidr.length < 32, addresses: new Map() });
  }

  /** Drops a range whoever holds addresses of it: what its pods run on is forgotten, not taken from them. */
  removeCidr(eni: EniId, cidr: Cidr4): void {
    this.enis.get(eni)?.cidrs.delete(formatCidr4(cidr));
  }

  removeEni(eni: EniId): void {
    this.enis.delete(eni);
  }

  /** The ENIs in the order that this walk happens to take. */
  walk(): readonly StoreEni[] {
    return shuffled([...this.enis.values()], this.#options.random);
  }

  /** The address of a pod, or the one it has; `undefined` when nothing is free. */
  assign(pod: string, now: number): Ipv4 | undefined {
    const had = this.#holding(pod);
    if (had !== undefined) return had.address;
    for (const eni of this.walk()) {
      for (const block of shuffled([...eni.cidrs.values()], this.#options.random)) {
        if (block.isPrefix !== this.usesPrefixes) continue;
        const found = this.#freeIn(block, now);
        if (found === undefined) continue;
        found.pod = pod;
        block.addresses.set(found.address, found);
        return found.address;
      }
    }
    return undefined;
  }

  /** `false` for a pod that the store does not know. */
  unassign(pod: string, now: number): boolean {
    const held = this.#holding(pod);
    if (held === undefined) return false;
    held.pod = undefined;
    held.unassignedAt = now;
    return true;
  }

  /** Who holds what: all that its checkpoint file keeps. */
  checkpoint(): ReadonlyMap<string, Ipv4> {
    const held = [...this.#addresses()].filter(({ pod }) => pod !== undefined);
    return new Map(held.map(({ pod, address }) => [pod ?? "", address]));
  }

  /** Takes a checkpoint over; pods whose address is in no range are dropped. */
  restore(checkpoint: ReadonlyMap<string, Ipv4>): void {
    for (const [pod, address] of checkpoint) {
      const block = [...this.enis.values()].flatMap((eni) => [...eni.cidrs.values()]).find(({ cidr }) => cidr4Has(cidr, address));
      block?.addresses.set(address, { address, pod, unassignedAt: undefined });
    }
  }

  counts(now: number): StoreCounts {
    let total = 0;
    let assigned = 0;
    let cooling = 0;
    for (const eni of this.enis.values()) {
      for (const block of eni.cidrs.values()) {
        if (block.isPrefix !== this.usesPrefixes) continue;
        total += cidr4Size(block.cidr);
        for (const each of block.addresses.values()) {
          if (each.pod !== undefined) assigned++;
          else if (this.#rests(each, now)) cooling++;
        }
      }
    }
    return { total, assigned, cooling, available: total - assigned };
  }

  hasPods(block: StoreCidr): boolean {
    for (const { pod } of block.addresses.values()) if (pod !== undefined) return true;
    return false;
  }

  hasResting(block: StoreCidr, now: number): boolean {
    for (const each of block.addresses.values()) if (this.#rests(each, now)) return true;
    return false;
  }

  /** One that was used before and is out of its rest; else the lowest that nobody had. */
  #freeIn(block: StoreCidr, now: number): StoreAddress | undefined {
    for (const each of block.addresses.values()) if (each.pod === undefined && !this.#rests(each, now)) return each;
    for (let step = 0; step < cidr4Size(block.cidr); step++) {
      const address = offsetIpv4(block.cidr.base, step);
      if (!block.addresses.has(address)) return { address, pod: undefined, unassignedAt: undefined };
    }
    return undefined;
  }

  #rests({ pod, unassignedAt }: StoreAddress, now: number): boolean {
    return pod === undefined && unassignedAt !== undefined && now - unassignedAt < this.#options.cooldownMs;
  }

  #holding(pod: string): StoreAddress | undefined {
    for (const each of this.#addresses()) if (each.pod === pod) return each;
    return undefined;
  }

  *#addresses(): Generator<StoreAddress> {
    for (const eni of this.enis.values()) for (const block of eni.cidrs.values()) yield* block.addresses.values();
  }
}

function shuffled<T>(list: T[], random: Random): T[] {
  for (let at = list.length - 1; at > 0; at--) {
    const other = random.int(at + 1);
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
  return list;
}
