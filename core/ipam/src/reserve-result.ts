import type { Tally } from "./pool-view.ts";
import type { Millis, Reservation } from "./reservation.ts";

/** What a sandbox that asks for an address gets. */
export type ReserveResult =
  /** `isNew` is false when the sandbox had the address already. */
  | { readonly kind: "reserved"; readonly reservation: Reservation; readonly isNew: boolean }
  | { readonly kind: "no-free-address"; readonly counts: Tally; readonly nextFreeAt?: Millis };

/** What becomes of a reservation that is put back. */
export type PlaceResult =
  | "placed"
  /** No ENI of the ledger has the address. */
  | "no-such-address"
  /** Another sandbox holds it. */
  | "taken"
  /** The sandbox holds a different address. */
  | "key-elsewhere";
