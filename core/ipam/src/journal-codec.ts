import { asId, formatIpv4, parseIpv4, type Ipv4 } from "@slash28/address";
import type { Book, CheckpointError, Decoded, JournalEntry } from "./book.ts";
import { isObject, parseObject, type Json } from "./json.ts";
import { keyText, type BookedReservation, type Millis, type PodOwner, type SandboxKey } from "./reservation.ts";

/** Version of the line format; a reader refuses others. */
const VERSION = 1;

/** One line of JSON, without a line end. */
export function encodeEntry(entry: JournalEntry): string {
  switch (entry.kind) {
    case "reserve":
      return JSON.stringify({ v: VERSION, kind: entry.kind, ...encodeReservation(entry.reservation) });
    case "release":
      return JSON.stringify({ v: VERSION, kind: entry.kind, key: entry.key, address: formatIpv4(entry.address), at: entry.at });
    case "snapshot":
      return JSON.stringify({
        v: VERSION,
        kind: entry.kind,
        reservations: Array.from(entry.book.reservations.values(), encodeReservation),
        released: Array.from(entry.book.released, ([address, at]) => [formatIpv4(address), at]),
      });
    default:
      entry satisfies never;
      return "";
  }
}

/** Reads one line; says what is wrong with it instead of guessing. */
export function decodeEntry(line: string): Decoded<JournalEntry> {
  const json = parseObject(line);
  if (json === undefined) return fail("NOT_JSON", line, "is not a JSON object");
  if (json["v"] !== VERSION)
    return fail("VERSION_UNKNOWN", line, `has version ${JSON.stringify(json["v"])}, this program reads ${VERSION}`);
  const entry = readEntry(json);
  return entry === undefined ? fail("ENTRY_INVALID", line, "lacks a field or has one of the wrong form") : { ok: true, value: entry };
}

/** Reads every line; the first bad one ends it. */
export function decodeEntries(lines: Iterable<string>): Decoded<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (const line of lines) {
    const decoded = decodeEntry(line);
    if (!decoded.ok) return decoded;
    entries.push(decoded.value);
  }
  return { ok: true, value: entries };
}

function readEntry(json: Json): JournalEntry | undefined {
  switch (json["kind"]) {
    case "reserve": {
      const reservation = readReservation(json);
      return reservation && { kind: "reserve", reservation };
    }
    case "release": {
      const key = readKey(json["key"]);
      const address = readAddress(json["address"]);
      const at = readTime(json["at"]);
      return key && address !== undefined && at !== undefined ? { kind: "release", key, address, at } : undefined;
    }
    case "snapshot": {
      const book = readBook(json);
      return book && { kind: "snapshot", book };
    }
    default:
      return undefined;
  }
}

function readBook(json: Json): Book | undefined {
  const { reservations: held, released: given } = json;
  if (!Array.isArray(held) || !Array.isArray(given)) return undefined;
  const reservations = new Map<string, BookedReservation>();
  for (const item of held as unknown[]) {
    const reservation = isObject(item) ? readReservation(item) : undefined;
    if (reservation === undefined) return undefined;
    reservations.set(keyText(reservation.key), reservation);
  }
  const released = new Map<Ipv4, Millis>();
  for (const item of given as unknown[]) {
    const address = Array.isArray(item) ? readAddress(item[0]) : undefined;
    const at = Array.isArray(item) ? readTime(item[1]) : undefined;
    if (address === undefined || at === undefined) return undefined;
    released.set(address, at);
  }
  return reservations.size === held.length ? { reservations, released } : undefined;
}

function encodeReservation(reservation: BookedReservation): Json {
  const { key, address, eni, owner, reservedAt } = reservation;
  return {
    key,
    address: formatIpv4(address),
    ...(eni === undefined ? {} : { eni }),
    ...(owner === undefined ? {} : { owner }),
    at: reservedAt,
  };
}

function readReservation(json: Json): BookedReservation | undefined {
  const key = readKey(json["key"]);
  const address = readAddress(json["address"]);
  const reservedAt = readTime(json["at"]);
  const { eni } = json;
  const owner = readOwner(json["owner"]);
  if (key === undefined || address === undefined || reservedAt === undefined || owner === "wrong") return undefined;
  if (eni !== undefined && typeof eni !== "string") return undefined;
  return { key, address, ...(eni === undefined ? {} : { eni: asId(eni) }), ...(owner === undefined ? {} : { owner }), reservedAt };
}

function readKey(json: unknown): SandboxKey | undefined {
  if (!isObject(json)) return undefined;
  const { networkName, containerId, ifName } = json;
  if (typeof networkName !== "string" || typeof containerId !== "string" || typeof ifName !== "string") return undefined;
  return { networkName, containerId, ifName };
}

function readOwner(json: unknown): PodOwner | "wrong" | undefined {
  if (json === undefined) return undefined;
  if (!isObject(json)) return "wrong";
  const { namespace, name } = json;
  return typeof namespace === "string" && typeof name === "string" ? { namespace, name } : "wrong";
}

function readAddress(json: unknown): Ipv4 | undefined {
  return typeof json === "string" ? parseIpv4(json) : undefined;
}

function readTime(json: unknown): Millis | undefined {
  return typeof json === "number" && Number.isFinite(json) ? json : undefined;
}

function fail(code: CheckpointError["code"], line: string, why: string): { readonly ok: false; readonly error: CheckpointError } {
  const shown = line.length > 80 ? `${line.slice(0, 80)}…` : line;
  return { ok: false, error: { code, message: `journal entry ${shown} ${why}` } };
}
