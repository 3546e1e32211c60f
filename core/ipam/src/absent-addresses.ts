import { cidr4Has, type Cidr4, type Ipv4 } from "@slash28/address";
import { keyText, type BookedReservation, type Millis, type SandboxKey } from "./reservation.ts";

const NOTHING: ReadonlyMap<Ipv4, Millis> = new Map();

/**
 * What is known of addresses that no ENI of the ledger has now: EC2 may give the same ones again, and then a rest goes on, and an address that
 * a pod still carries is not given to another.
 */
export class AbsentAddresses {
  /** Absent until there is something to keep, which on most nodes is never. */
  #releasedAt: Map<Ipv4, Millis> | undefined;
  #carriers: Map<Ipv4, BookedReservation> | undefined;

  /** Times of release, by address. Those whose rest is over may be among them. */
  get released(): ReadonlyMap<Ipv4, Millis> {
    return this.#releasedAt ?? NOTHING;
  }

  /** Who carries addresses that are not here. */
  get carried(): readonly BookedReservation[] {
    return [...(this.#carriers?.values() ?? [])];
  }

  rests(address: Ipv4, releasedAt: Millis, cooldownMs: number, now: Millis): void {
    for (const [other, at] of this.#releasedAt ?? []) if (at + cooldownMs <= now) this.#releasedAt?.delete(other);
    if (releasedAt + cooldownMs > now) (this.#releasedAt ??= new Map()).set(address, releasedAt);
  }

  isCarried(reservation: BookedReservation): void {
    (this.#carriers ??= new Map()).set(reservation.address, reservation);
  }

  /** What this sandbox carries, if anything. */
  carriedBy(key: SandboxKey): BookedReservation | undefined {
    return this.#carriers === undefined ? undefined : this.carried.find((each) => keyText(each.key) === keyText(key));
  }

  isNoLongerCarried({ address }: BookedReservation): void {
    this.#carriers?.delete(address);
  }

  /** Takes out what is known of the addresses of a range. */
  takeOut(cidr: Cidr4): { readonly released: readonly (readonly [Ipv4, Millis])[]; readonly carriers: readonly BookedReservation[] } {
    const released = [...this.released].filter(([address]) => cidr4Has(cidr, address));
    const carriers = this.carried.filter(({ address }) => cidr4Has(cidr, address));
    for (const [address] of released) this.#releasedAt?.delete(address);
    for (const { address } of carriers) this.#carriers?.delete(address);
    return { released, carriers };
  }
}
