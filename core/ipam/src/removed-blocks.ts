import type { Cidr4, Ipv4 } from "@slash28/address";
import type { Millis } from "./reservation.ts";

/** For longer than this nobody shows a block that was handed back. */
const REMEMBER_MS = 600_000;

/** When blocks left the ledger: the metadata service, and EC2's own answers for some seconds, still show them. */
export class RemovedBlocks {
  /** By first address, the one removed first in front; absent until one is. */
  #removedAt: Map<Ipv4, Millis> | undefined;

  add({ base }: Cidr4, now: Millis): void {
    const removedAt = (this.#removedAt ??= new Map());
    for (const [other, at] of removedAt) {
      if (now - at <= REMEMBER_MS) break;
      removedAt.delete(other);
    }
    removedAt.delete(base);
    removedAt.set(base, now);
  }

  forget({ base }: Cidr4): void {
    this.#removedAt?.delete(base);
  }

  at({ base }: Cidr4): Millis | undefined {
    return this.#removedAt?.get(base);
  }
}
