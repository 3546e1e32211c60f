import {
  addressAt,
  cidrRangeSize,
  formatAddress,
  isCidr6,
  offsetInRange,
  parseAddress,
  type CidrRange,
  type Ipv4,
  type Ipv6,
} from "@slash28/address";

/** A run of the range's offsets, both ends in it, from which free addresses are taken one after another. */
interface Part {
  readonly first: bigint;
  readonly last: bigint;
  next: bigint;
  /** How many of it are taken. */
  taken: number;
}

/**
 * Which addresses of a service range are taken. Those given by name lie at its start, so free ones come from behind that part first
 * (KEP-3070). Finding one looks at no more addresses than are taken: a /108 has a million of them, a /64 could not be walked through.
 */
export class ClusterAddresses {
  readonly range: CidrRange;
  readonly #taken = new Set<Ipv4 | Ipv6>();
  readonly #parts: readonly [dynamic: Part, named: Part];

  constructor(range: CidrRange) {
    this.range = range;
    const size = cidrRangeSize(range);
    // The range's own address is nobody's, and of IPv4 its broadcast address neither.
    const last = size - (isCidr6(range) ? 1n : 2n);
    const border = 1n + namedPart(size);
    this.#parts = [partOf(border, last), partOf(1n, border - 1n)];
  }

  /** Marks an address as taken, or as free again; text that is no address of the range, such as `None`, is passed over. */
  count(text: string, change: "add" | "delete"): void {
    const address = parseAddress(text)?.address;
    const part = this.#partOf(address);
    if (address === undefined || part === undefined || this.#taken.has(address) === (change === "add")) return;
    this.#taken[change](address);
    part.taken += change === "add" ? 1 : -1;
  }

  /** A free address; `undefined` when there is none. It is taken only when it is counted. */
  free(): string | undefined {
    for (const part of this.#parts) {
      if (BigInt(part.taken) > part.last - part.first) continue;
      for (;;) {
        const address = addressAt(this.range, part.next);
        part.next = part.next === part.last ? part.first : part.next + 1n;
        if (!this.#taken.has(address)) return formatAddress(address);
      }
    }
    return undefined;
  }

  /** Why this address cannot be given, in the API server's words. */
  refusalOf(text: string): string | undefined {
    const address = parseAddress(text)?.address;
    if (address === undefined || this.#partOf(address) === undefined) return "the provided network does not match the current range";
    return this.#taken.has(address) ? "provided IP is already allocated" : undefined;
  }

  #partOf(address: Ipv4 | Ipv6 | undefined): Part | undefined {
    const offset = address === undefined ? undefined : offsetInRange(this.range, address);
    return offset === undefined ? undefined : this.#parts.find(({ first, last }) => first <= offset && offset <= last);
  }
}

/** A sixteenth of the range, from 16 to 256 addresses; none of a range that is no larger than the least. */
function namedPart(size: bigint): bigint {
  if (size <= 16n) return 0n;
  const part = size / 16n;
  if (part < 16n) return 16n;
  return part > 256n ? 256n : part;
}

function partOf(first: bigint, last: bigint): Part {
  return { first, last, next: first, taken: 0 };
}
