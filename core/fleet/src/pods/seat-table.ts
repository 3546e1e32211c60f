/** What has seats: a node, or the branches that its trunk can have. */
export interface Seated {
  /** Its number in the table that it is in; -1: it was in none. */
  seatNumber: number;
  readonly freeSeats: number;
  readonly identity: { readonly name: string; readonly seats: number };
}

/**
 * The nodes of one group in one zone by how many seats they have free: adding, moving and finding the roomiest cost nothing. Where each of them is
 * kept stands here, by its number: moving one looks at no other node.
 */
export class SeatTable<N extends Seated> {
  readonly group: string;
  readonly #nodes: (N | undefined)[] = [];
  /** By number: its free seats as they were counted, -1 where it is out of the table, and its place in the bucket of these. */
  readonly #frees: number[] = [];
  readonly #places: number[] = [];
  /** Numbers by free seats. */
  readonly #buckets: number[][] = [];
  #most = 0;
  #seats = 0;
  #free = 0;

  constructor(group: string) {
    this.group = group;
  }

  get hasRoom(): boolean {
    return this.#free > 0;
  }

  /** By the share of seats that are taken. */
  isLessFullThan(other: SeatTable<N>): boolean {
    return this.#free * other.#seats > other.#free * this.#seats;
  }

  roomiest(): N | undefined {
    while (this.#most > 0 && (this.#buckets[this.#most]?.length ?? 0) === 0) this.#most--;
    const number = this.#most === 0 ? undefined : this.#buckets[this.#most]?.at(-1);
    return number === undefined ? undefined : this.#nodes[number];
  }

  update(node: N): void {
    if (node.seatNumber < 0) node.seatNumber = this.#nodes.length;
    const number = node.seatNumber;
    const free = Math.max(0, node.freeSeats);
    const before = this.#frees[number] ?? OUT;
    if (before === free) return;
    if (before === OUT) {
      this.#nodes[number] = node;
      this.#seats += node.identity.seats;
    } else this.#takeOut(number, before);
    const bucket = (this.#buckets[free] ??= []);
    this.#frees[number] = free;
    this.#places[number] = bucket.length;
    bucket.push(number);
    this.#free += free;
    if (free > this.#most) this.#most = free;
  }

  remove(node: N): void {
    const number = node.seatNumber;
    const before = number < 0 ? OUT : (this.#frees[number] ?? OUT);
    if (before === OUT) return;
    this.#takeOut(number, before);
    this.#frees[number] = OUT;
    this.#nodes[number] = undefined;
    this.#seats -= node.identity.seats;
  }

  #takeOut(number: number, free: number): void {
    const bucket = this.#buckets[free];
    const last = bucket?.pop();
    const place = this.#places[number];
    if (bucket === undefined || last === undefined || place === undefined) throw new Error(`node ${number} is in no bucket`);
    if (last !== number) {
      bucket[place] = last;
      this.#places[last] = place;
    }
    this.#free -= free;
  }
}

const OUT = -1;
