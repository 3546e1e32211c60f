/** What has seats: a node, or the branches that its trunk can have. */
export interface Seated {
  /** Where a table keeps it. */
  seatBucket: number;
  seatIndex: number;
  readonly freeSeats: number;
  readonly identity: { readonly name: string; readonly seats: number };
}

/** The nodes of one group in one zone by how many seats they have free: adding, moving and finding the roomiest cost nothing. */
export class SeatTable<N extends Seated> {
  readonly group: string;
  /** Nodes by their free seats. */
  readonly #buckets: N[][] = [];
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
    return this.#most === 0 ? undefined : this.#buckets[this.#most]?.at(-1);
  }

  update(node: N): void {
    const free = Math.max(0, node.freeSeats);
    if (node.seatBucket === free) return;
    if (node.seatBucket < 0) this.#seats += node.identity.seats;
    else this.#takeOut(node);
    const bucket = (this.#buckets[free] ??= []);
    node.seatBucket = free;
    node.seatIndex = bucket.length;
    bucket.push(node);
    this.#free += free;
    if (free > this.#most) this.#most = free;
  }

  remove(node: N): void {
    if (node.seatBucket < 0) return;
    this.#takeOut(node);
    this.#seats -= node.identity.seats;
    node.seatBucket = -1;
  }

  #takeOut(node: N): void {
    const bucket = this.#buckets[node.seatBucket];
    const last = bucket?.pop();
    if (bucket === undefined || last === undefined) throw new Error(`${node.identity.name} is in no bucket`);
    if (last !== node) {
      bucket[node.seatIndex] = last;
      last.seatIndex = node.seatIndex;
    }
    this.#free -= node.seatBucket;
  }
}
