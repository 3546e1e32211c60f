import { cidr4Size, type Cidr4, type Ipv4 } from "@slash28/address";
import type { MapCell } from "../fleet-result.ts";

const BLOCK = 16;

/** Who has the addresses of a subnet, /28 by /28: counted as they come and go, so that a drawing costs as much as it is long. */
export class AddressMap {
  readonly #base: number;
  readonly #blocks: number;
  /** Single addresses of nodes' ENIs, primary ones among them. */
  readonly #nodes: Uint8Array;
  readonly #others: Uint8Array;
  /** 1 for a prefix of a node, 2 for one of somebody else. */
  readonly #prefixes: Uint8Array;
  readonly #reserved: Uint8Array;
  /** Addresses of the block that pods have. */
  readonly #pods: Uint8Array;

  constructor(cidr: Cidr4, reservations: readonly Cidr4[]) {
    this.#base = cidr.base;
    this.#blocks = Math.max(1, cidr4Size(cidr) / BLOCK);
    this.#nodes = new Uint8Array(this.#blocks);
    this.#others = new Uint8Array(this.#blocks);
    this.#prefixes = new Uint8Array(this.#blocks);
    this.#reserved = new Uint8Array(this.#blocks);
    this.#pods = new Uint8Array(this.#blocks);
    for (const reservation of reservations) {
      const first = this.#blockOf(reservation.base);
      for (let i = 0; i < Math.max(1, cidr4Size(reservation) / BLOCK); i++) this.#reserved[first + i] = 1;
    }
  }

  /** A /32 or a /28 of a node comes (1) or goes (-1). */
  countNodes({ base, length }: Cidr4, change: 1 | -1): void {
    const at = this.#blockOf(base);
    if (length === 32) this.#nodes[at] = (this.#nodes[at] ?? 0) + change;
    else this.#prefixes[at] = change === 1 ? 1 : 0;
  }

  countOther(address: Ipv4): void {
    const at = this.#blockOf(address);
    this.#others[at] = (this.#others[at] ?? 0) + 1;
  }

  countOtherPrefix(prefix: Cidr4): void {
    this.#prefixes[this.#blockOf(prefix.base)] = 2;
  }

  /** A pod takes (1) or leaves (-1) an address; answers how many of its /28 pods have then, if that is a prefix, else `undefined`. */
  countPods(address: Ipv4, change: 1 | -1): number | undefined {
    const at = this.#blockOf(address);
    const pods = (this.#pods[at] ?? 0) + change;
    this.#pods[at] = pods;
    return this.#prefixes[at] === 1 ? pods : undefined;
  }

  /** One letter per /28. */
  draw(): string {
    let text = "";
    for (let at = 0; at < this.#blocks; at++) text += this.#cell(at);
    return text;
  }

  #cell(at: number): MapCell {
    if (this.#prefixes[at] === 1) return this.#pods[at] === 0 ? "p" : "P";
    if (this.#prefixes[at] === 2) return "O";
    const nodes = this.#nodes[at] ?? 0;
    const others = this.#others[at] ?? 0;
    if (nodes > 0 && others > 0) return "m";
    if (nodes > 0) return nodes === this.#roomIn(at) ? "A" : "a";
    if (others > 0) return others === this.#roomIn(at) ? "O" : "o";
    return this.#reserved[at] === 1 ? "r" : ".";
  }

  /** Without the first four addresses of the subnet and the last, which EC2 keeps. */
  #roomIn(at: number): number {
    return BLOCK - (at === 0 ? 4 : 0) - (at === this.#blocks - 1 ? 1 : 0);
  }

  #blockOf(address: number): number {
    return Math.floor((address - this.#base) / BLOCK);
  }
}
