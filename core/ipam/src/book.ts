import { formatIpv4, type Ipv4 } from "@slash28/address";
import type { Ledger } from "./ledger.ts";
import { keyText, type BookedReservation, type Millis, type SandboxKey } from "./reservation.ts";

/** What must outlive the process: who holds what, and which addresses were given back when. */
export interface Book {
  /** By `keyText`. */
  readonly reservations: ReadonlyMap<string, BookedReservation>;
  /** Addresses nobody holds that somebody held, with the time they were given back. */
  readonly released: ReadonlyMap<Ipv4, Millis>;
}

/** One line of the journal. */
export type JournalEntry =
  | { readonly kind: "reserve"; readonly reservation: BookedReservation }
  | { readonly kind: "release"; readonly key: SandboxKey; readonly address: Ipv4; readonly at: Millis }
  /** All there was before: replaces every earlier entry. */
  | { readonly kind: "snapshot"; readonly book: Book };

export interface CheckpointError {
  readonly code: "NOT_JSON" | "VERSION_UNKNOWN" | "ENTRY_INVALID" | "ADDRESS_HELD_TWICE" | "KEY_HOLDS_TWO";
  readonly message: string;
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CheckpointError };

/** The book that a run of entries leaves behind. Two holders of one address, or two addresses of one holder, are refused: the journal is not to be trusted then. */
export function replay(entries: Iterable<JournalEntry>): Decoded<Book> {
  let reservations = new Map<string, BookedReservation>();
  let released = new Map<Ipv4, Millis>();
  let holders = new Map<Ipv4, string>();
  for (const entry of entries) {
    switch (entry.kind) {
      case "reserve": {
        const key = keyText(entry.reservation.key);
        const conflict = conflictOf(entry.reservation, reservations.get(key), holders.get(entry.reservation.address), key);
        if (conflict !== undefined) return { ok: false, error: conflict };
        if (reservations.has(key)) break;
        reservations.set(key, entry.reservation);
        holders.set(entry.reservation.address, key);
        released.delete(entry.reservation.address);
        break;
      }
      case "release":
        reservations.delete(keyText(entry.key));
        holders.delete(entry.address);
        released.set(entry.address, entry.at);
        break;
      case "snapshot":
        reservations = new Map(entry.book.reservations);
        released = new Map(entry.book.released);
        holders = new Map(Array.from(reservations, ([key, reservation]) => [reservation.address, key]));
        if (holders.size < reservations.size) return { ok: false, error: twice("an address of the snapshot") };
        break;
      default:
        entry satisfies never;
    }
  }
  return { ok: true, value: { reservations, released } };
}

/** The book of a ledger as it stands. */
export function bookOf(ledger: Ledger): Book {
  const released = new Map<Ipv4, Millis>(ledger.absent.released);
  for (const eni of ledger.enis()) {
    for (const block of eni.blocks.values()) {
      for (const slot of block.slots) {
        if (slot.holder === undefined && slot.releasedAt !== undefined) released.set(slot.address, slot.releasedAt);
      }
    }
  }
  const reservations: readonly BookedReservation[] = [...ledger.reservations(), ...ledger.absent.carried];
  return { reservations: new Map(reservations.map((held) => [keyText(held.key), held])), released };
}

export interface Restored {
  readonly placed: number;
  /** Reservations of addresses that no ENI of the ledger has: the caller decides whether such a pod still lives. */
  readonly orphans: readonly BookedReservation[];
}

/** Puts a book into a ledger that knows its ENIs already; rests that are not over go on. Doing it twice changes nothing. */
export function restoreBook(ledger: Ledger, book: Book, now: Millis): Restored {
  const orphans: BookedReservation[] = [];
  for (const [address, at] of book.released) ledger.rest(address, at, now);
  let placed = 0;
  for (const reservation of book.reservations.values()) {
    if (ledger.place(reservation) === "placed") placed++;
    else orphans.push(reservation);
  }
  return { placed, orphans };
}

function conflictOf(
  reservation: BookedReservation,
  had: BookedReservation | undefined,
  holder: string | undefined,
  key: string,
): CheckpointError | undefined {
  const { containerId } = reservation.key;
  if (had !== undefined && had.address !== reservation.address) {
    const message = `sandbox ${containerId} holds ${formatIpv4(had.address)} and ${formatIpv4(reservation.address)}; move the journal away to start without it`;
    return { code: "KEY_HOLDS_TWO", message };
  }
  if (holder !== undefined && holder !== key) return twice(formatIpv4(reservation.address));
  return undefined;
}

function twice(what: string): CheckpointError {
  return { code: "ADDRESS_HELD_TWICE", message: `${what} is held by two sandboxes; move the journal away to start without it` };
}
