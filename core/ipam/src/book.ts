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

/** The book that a run of entries leaves behind, entry by entry. */
export class BookReplay {
  #reservations = new Map<string, BookedReservation>();
  #released = new Map<Ipv4, Millis>();
  #holders = new Map<Ipv4, string>();

  get book(): Book {
    return { reservations: this.#reservations, released: this.#released };
  }

  /**
   * Takes the next entry. One that gives an address a second holder, or a holder a second address, is refused and changes nothing: from there on
   * the journal is not to be trusted.
   */
  take(entry: JournalEntry): CheckpointError | undefined {
    switch (entry.kind) {
      case "reserve":
        return this.#reserve(entry.reservation);
      case "release":
        this.#reservations.delete(keyText(entry.key));
        this.#holders.delete(entry.address);
        this.#released.set(entry.address, entry.at);
        return undefined;
      case "snapshot":
        return this.#start(entry.book);
      default:
        return entry satisfies never;
    }
  }

  #reserve(reservation: BookedReservation): CheckpointError | undefined {
    const { address } = reservation;
    const key = keyText(reservation.key);
    const had = this.#reservations.get(key);
    const conflict = conflictOf(reservation, had, this.#holders.get(address), key);
    if (conflict !== undefined || had !== undefined) return conflict;
    this.#reservations.set(key, reservation);
    this.#holders.set(address, key);
    this.#released.delete(address);
    return undefined;
  }

  #start({ reservations, released }: Book): CheckpointError | undefined {
    const holders = new Map(Array.from(reservations, ([key, reservation]) => [reservation.address, key]));
    if (holders.size < reservations.size) return twice("an address of the snapshot");
    this.#reservations = new Map(reservations);
    this.#released = new Map(released);
    this.#holders = holders;
    return undefined;
  }
}

/** The book that a run of entries leaves behind; see `BookReplay`. */
export function replay(entries: Iterable<JournalEntry>): Decoded<Book> {
  const all = new BookReplay();
  for (const entry of entries) {
    const error = all.take(entry);
    if (error !== undefined) return { ok: false, error };
  }
  return { ok: true, value: all.book };
}

/** The book of a ledger as it stands. */
export function bookOf(ledger: Ledger): Book {
  const released = new Map<Ipv4, Millis>(ledger.absent.released);
  for (const eni of ledger.enis()) {
    for (const block of eni.blocks.values()) {
      for (const slot of ledger.slotsOf(block)) {
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
    const message = `sandbox ${containerId} holds ${formatIpv4(had.address)} and ${formatIpv4(reservation.address)}`;
    return { code: "KEY_HOLDS_TWO", message };
  }
  if (holder !== undefined && holder !== key) return twice(formatIpv4(reservation.address));
  return undefined;
}

function twice(what: string): CheckpointError {
  return { code: "ADDRESS_HELD_TWICE", message: `${what} is held by two sandboxes` };
}
