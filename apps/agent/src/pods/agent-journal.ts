import type { EniId } from "@slash28/address";
import { BookReplay, decodeEntry, encodeEntry, keyText, type Book, type BookedReservation } from "@slash28/ipam";
import type { Journal } from "@slash28/ports";
import { closedLine, decodeStep, fieldsOf, stepKey, stepLine, stepWithout, type Step } from "./step-codec.ts";

/** Where a sandbox is, and who makes its links: the agent itself, or the plugin that asked for the address (the VPC CNI's own). */
export interface SandboxPlace {
  /** The path of its namespace; empty when that is not known. */
  readonly netns: string;
  readonly wiredBy: "agent" | "plugin";
}

/** What a journal adds up to. */
export interface Recorded {
  /** Why nothing is read from some line on; absent when all is. */
  readonly damage?: string;
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
  readonly #open = new Map<string, Step>();
  readonly #settled = new Map<string, { readonly step: Step; readonly until: number }>();
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

  /** Opens a step, or says more of one that is open. One that could not be recorded is not begun, and must not be carried out: then it rejects. */
  async begin(step: Step): Promise<void> {
    const key = stepKey(step);
    const isNew = !this.#open.has(key);
    this.#open.set(key, step);
    try {
      await this.#append(stepLine(step));
    } catch (cause) {
      if (isNew) this.#open.delete(key);
      throw cause;
    }
  }

  /** Should this not be recorded, the next start finds the step open: what pods were given since is then no longer of it, see `readJournal`. */
  close(step: Step): Promise<void> {
    this.#open.delete(stepKey(step));
    return this.#append(closedLine(step));
  }

  /** EC2 has done an open step, and an earlier request for it may still arrive until then: up to then a start must find it open. */
  settled(step: Step, until: number): void {
    this.#open.delete(stepKey(step));
    this.#settled.set(stepKey(step), { step, until });
  }

  /** Whether such a step of this ENI is still kept. */
  isSettling(eni: EniId): boolean {
    return this.#settled.has(eni);
  }

  /** Closes the settled steps whose time is over. */
  async closeSettled(now: number): Promise<void> {
    for (const [key, { step, until }] of this.#settled) {
      if (until > now) continue;
      this.#settled.delete(key);
      if (!this.#open.has(key)) await this.close(step);
    }
  }

  /**
   * Replaces the journal by what counts now. Lines that come meanwhile are written after it. What was given to pods after a step was settled stands
   * behind it, as it came.
   */
  compact(): Promise<void> {
    this.#appended = 0;
    const settled = Array.from(this.#settled.values(), ({ step }) => stepLine(step));
    const done = this.#journal.rewrite([...settled, ...this.#live(), ...this.openSteps.map(stepLine)]).finally(() => {
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

/**
 * Replays journal lines, oldest first, up to the first that makes no sense. An address that a pod was given after its hand-back began was handed
 * back, and given by EC2 again: only the end of that step is not recorded.
 */
export function readJournal(lines: readonly string[]): Recorded {
  const replay = new BookReplay();
  const places = new Map<string, SandboxPlace>();
  const open = new Map<string, Step>();
  const recorded = (): Recorded => ({ book: replay.book, places, openSteps: [...open.values()] });
  for (const [index, line] of lines.entries()) {
    const step = decodeStep(line);
    if (step?.step === "closed") open.delete(step.key);
    else if (step !== undefined) open.set(stepKey(step), step);
    else {
      const damage = takeEntry(line, replay, places, open);
      if (damage !== undefined) return { ...recorded(), damage: `line ${index + 1}: ${damage}` };
    }
  }
  return recorded();
}

/** Why the line makes no sense; `undefined` when it was taken. */
function takeEntry(line: string, replay: BookReplay, places: Map<string, SandboxPlace>, open: Map<string, Step>): string | undefined {
  const decoded = decodeEntry(line);
  if (!decoded.ok) return decoded.error.message;
  const entry = decoded.value;
  const refused = replay.take(entry);
  if (refused !== undefined) return refused.message;
  if (entry.kind !== "reserve") return undefined;
  const { netns, wiredBy } = fieldsOf(line);
  if (typeof netns === "string") places.set(keyText(entry.reservation.key), { netns, wiredBy: wiredBy === "plugin" ? "plugin" : "agent" });
  for (const [key, each] of open) open.set(key, stepWithout(each, entry.reservation.address));
  return undefined;
}

/** The place rides along in the line; readers of the ledger's format pass it over. */
function reserveLine(reservation: BookedReservation, { netns, wiredBy }: SandboxPlace): string {
  const wirer = wiredBy === "agent" ? "" : `,"wiredBy":"${wiredBy}"`;
  return `${encodeEntry({ kind: "reserve", reservation }).slice(0, -1)},"netns":${JSON.stringify(netns)}${wirer}}`;
}
