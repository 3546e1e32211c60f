import { cidr4Has, type Cidr4, type Ipv4 } from "@slash28/address";
import { keyText, type BookedReservation, type Millis, type SandboxKey } from "./reservation.ts";

/**
 * What is known of addresses that no ENI of the ledger has now: EC2 may give the same ones again, and then a rest goes on, and an address that
 * a pod still carries is not given to another.
 */
export class AbsentAddresses {
  readonly #releasedAt = new Map<Ipv4, Millis>();
  readonly #carriers = new Map<Ipv4, BookedReservation>();

  /** Times of release, by address. Those whose rest is over may be among them. */
  get released(): ReadonlyMap<Ipv4, Millis> {
    return this.#releasedAt;
  }

  /** Who carries addresses that are not here. */
  get carried(): readonly BookedReservation[] {
    return [...this.#carriers.values()];
  }

  rests(address: Ipv4, releasedAt: Millis, cooldownMs: number, now: Millis): void {
    for (const [other, at] of this.#releasedAt) if (at + cooldownMs <= now) this.#releasedAt.delete(other);
    if (releasedAt + cooldownMs > now) this.#releasedAt.set(address, releasedAt);
  }

  isCarried(reservation: BookedReservation): void {
    this.#carriers.set(reservation.address, reservation);
  }

  /** What this sandbox carries, if anything. */
  carriedBy(key: SandboxKey): BookedReservation | undefined {
    return this.#carriers.size === 0 ? undefined : this.carried.find((each) => keyText(each.key) === keyText(key));
  }

  isNoLongerCarried({ address }: BookedReservation): void {
    this.#carriers.delete(address);
  }

  /** Takes out what is known of the addresses of a range. */
  takeOut(cidr: Cidr4): { readonly released: readonly (readonly [Ipv4, Millis])[]; readonly carriers: readonly BookedReservation[] } {
    const released = [...this.#releasedAt].filter(([address]) => cidr4Has(cidr, address));
    const carriers = [...this.#carriers.values()].filter(({ address }) => cidr4Has(cidr, address));
    for (const [address] of released) this.#releasedAt.delete(address);
    for (const { address } of carriers) this.#carriers.delete(address);
    return { released, carriers };
  }
}
