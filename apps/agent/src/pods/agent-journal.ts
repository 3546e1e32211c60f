import {
  asId,
  formatCidr4,
  formatIpv4,
  parseCidr4,
  parseIpv4,
  type AttachmentId,
  type Cidr4,
  type EniId,
  type Ipv4,
} from "@slash28/address";
import { decodeEntry, encodeEntry, keyText, replay, type Book, type BookedReservation, type JournalEntry } from "@slash28/ipam";
import { Fault, type Journal } from "@slash28/ports";

/** An EC2 step that takes something away. Until it is closed nobody knows whether EC2 did it. */
export type Step =
  | { readonly step: "give-back"; readonly eni: EniId; readonly addresses: readonly Ipv4[]; readonly prefixes: readonly Cidr4[] }
  | { readonly step: "release-eni"; readonly eni: EniId; readonly attachment: AttachmentId };

/** Where a sandbox is, and who makes its links: the agent itself, or the plugin that asked for the address (the VPC CNI's own). */
export interface SandboxPlace {
  /** The path of its namespace; empty when that is not known. */
  readonly netns: string;
  readonly wiredBy: "agent" | "plugin";
}

/** What a journal adds up to. */
export interface Recorded {
  readonly book: Book;
  /** By `keyText`. */
  readonly places: ReadonlyMap<string, SandboxPlace>;
  readonly openSteps: readonly Step[];
}

/** Lines appended before the journal is rewritten to what still counts. */
const COMPACT_AFTER = 5_000;

/**
 * The agent's journal: who holds which address (lines of `@slash28/ipam`, with the sandbox's namespace added), and which EC2 steps were
 * begun. Memory changes first, then a line is appended: so a rewritten journal is never older than what was appended before.
 */
export class AgentJournal {
  readonly #journal: Journal;
  readonly #live: () => readonly string[];
  readonly #open = new Map<EniId, Step>();
  #appended = 0;
  #compacting: Promise<void> | undefined;

  /** `live` gives the lines that say all that counts now, apart from open steps. */
  constructor(journal: Journal, live: () => readonly string[]) {
    this.#journal = journal;
    this.#live = live;
  }

  /** The steps begun and not closed. */
  get openSteps(): readonly Step[] {
    return [...this.#open.values()];
  }

  reserved(reservation: BookedReservation, place: SandboxPlace): Promise<void> {
    return this.#append(reserveLine(reservation, place));
  }

  /** `at` 0: it never reached a pod and need not rest. */
  released(reservation: BookedReservation, at: number): Promise<void> {
    return this.#append(encodeEntry({ kind: "release", key: reservation.key, address: reservation.address, at }));
  }

  begin(step: Step): Promise<void> {
    this.#open.set(step.eni, step);
    return this.#append(stepLine(step));
  }

  close(step: Step): Promise<void> {
    this.#open.delete(step.eni);
    return this.#append(JSON.stringify({ step: "closed", eni: step.eni }));
  }

  /** Replaces the journal by what counts now. Lines that come meanwhile are written after it. */
  compact(): Promise<void> {
    this.#appended = 0;
    const done = this.#journal.rewrite([...this.#live(), ...this.openSteps.map(stepLine)]).finally(() => {
      if (this.#compacting === done) this.#compacting = undefined;
    });
    this.#compacting = done;
    return done;
  }

  #append(line: string): Promise<void> {
    // The snapshot does not have this line: it must not land in the file that is being replaced.
    const done = this.#compacting?.then(() => this.#journal.append(line)) ?? this.#journal.append(line);
    if (++this.#appended < COMPACT_AFTER) return done;
    return Promise.all([done, this.compact()]).then(() => undefined);
  }
}

/** The lines of a book, namespaces included. */
export function bookLines(book: Book, placeOf: (keyText: string) => SandboxPlace): readonly string[] {
  const released = encodeEntry({ kind: "snapshot", book: { reservations: new Map(), released: book.released } });
  return [released, ...Array.from(book.reservations, ([key, reservation]) => reserveLine(reservation, placeOf(key)))];
}

/** Replays journal lines, oldest first. Rejects with `JOURNAL_UNREADABLE`: a node must not start from half of what it knew. */
export function readJournal(lines: readonly string[], path: string): Recorded {
  const entries: JournalEntry[] = [];
  const places = new Map<string, SandboxPlace>();
  const open = new Map<EniId, Step>();
  for (const line of lines) {
    const step = decodeStep(line);
    if (step === "closed") open.delete(asId(String(fieldsOf(line)["eni"])));
    else if (step !== undefined) open.set(step.eni, step);
    else entries.push(readEntry(line, places, path));
  }
  const book = replay(entries);
  if (!book.ok) throw unreadable(path, book.error.message);
  return { book: book.value, places, openSteps: [...open.values()] };
}

function readEntry(line: string, places: Map<string, SandboxPlace>, path: string): JournalEntry {
  const decoded = decodeEntry(line);
  if (!decoded.ok) throw unreadable(path, decoded.error.message);
  const entry = decoded.value;
  const { netns, wiredBy } = fieldsOf(line);
  if (entry.kind === "reserve" && typeof netns === "string")
    places.set(keyText(entry.reservation.key), { netns, wiredBy: wiredBy === "plugin" ? "plugin" : "agent" });
  return entry;
}

/** The fault says itself what to do about it. */
function unreadable(path: string, message: string): Fault {
  return new Fault("JOURNAL_UNREADABLE", { path, detail: message.replace(/; move the journal away.*$/, "") });
}

/** The place rides along in the line; readers of the ledger's format pass it over. */
function reserveLine(reservation: BookedReservation, { netns, wiredBy }: SandboxPlace): string {
  const wirer = wiredBy === "agent" ? "" : `,"wiredBy":"${wiredBy}"`;
  return `${encodeEntry({ kind: "reserve", reservation }).slice(0, -1)},"netns":${JSON.stringify(netns)}${wirer}}`;
}

function stepLine(step: Step): string {
  if (step.step === "release-eni") return JSON.stringify(step);
  return JSON.stringify({ ...step, addresses: step.addresses.map(formatIpv4), prefixes: step.prefixes.map(formatCidr4) });
}

function decodeStep(line: string): Step | "closed" | undefined {
  const { step, eni: eniText, attachment, addresses, prefixes } = fieldsOf(line);
  if (typeof eniText !== "string") return undefined;
  const eni = asId<EniId>(eniText);
  if (step === "closed") return "closed";
  if (step === "release-eni" && typeof attachment === "string") return { step, eni, attachment: asId(attachment) };
  if (step === "give-back") return { step, eni, addresses: listOf(addresses, parseIpv4), prefixes: listOf(prefixes, parseCidr4) };
  return undefined;
}

function listOf<T>(list: unknown, parse: (text: string) => T | undefined): readonly T[] {
  return Array.isArray(list) ? list.map((each) => parse(String(each))).filter((each) => each !== undefined) : [];
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
