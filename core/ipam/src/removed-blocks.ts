import type { Cidr4, Ipv4 } from "@slash28/address";
import type { Millis } from "./reservation.ts";

/** For longer than this nobody shows a block that was handed back. */
const REMEMBER_MS = 600_000;

/** When blocks left the ledger: the metadata service, and EC2's own answers for some seconds, still show them. */
export class RemovedBlocks {
  /** By first address, the one removed first in front. */
  readonly #removedAt = new Map<Ipv4, Millis>();

  add({ base }: Cidr4, now: Millis): void {
    for (const [other, at] of this.#removedAt) {
      if (now - at <= REMEMBER_MS) break;
      this.#removedAt.delete(other);
    }
    this.#removedAt.delete(base);
    this.#removedAt.set(base, now);
  }

  forget({ base }: Cidr4): void {
    this.#removedAt.delete(base);
  }

  at({ base }: Cidr4): Millis | undefined {
    return this.#removedAt.get(base);
  }
}
