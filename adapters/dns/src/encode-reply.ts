import packet from "dns-packet";
import type { DnsRcode, DnsRecord, DnsReply } from "@slash28/cluster-dns";
import { encodeAnswer } from "./codec.ts";
import type { DnsQuery, QueryFault } from "./query.ts";
import { toWire } from "./records.ts";

const HEADER_BYTES = 12;
/** What goes through any path without fragments; CoreDNS's own. https://www.dnsflagday.net/2020/ */
const UDP_SIZE = 1_232;
const UDP_SIZE_WITHOUT_EDNS = 512;
export const TCP_SIZE = 65_535;

const RCODES: Readonly<Record<DnsRcode | QueryFault, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
};
/** A pointer to the first byte after the header: the name asked for. */
const POINTER_TO_QUESTION = Uint8Array.of(0xc0, HEADER_BYTES);
const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;
const RECURSION_WANTED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const CHECKING_DISABLED = 0x0010;

/** How long an answer over UDP may be: what the client takes, within what any network carries. */
export function udpLimitOf({ edns }: DnsQuery): number {
  return edns === undefined ? UDP_SIZE_WITHOUT_EDNS : Math.min(edns.udpSize, UDP_SIZE);
}

/**
 * The answer to a query in at most `limit` bytes. What comes along for convenience goes first; when answers must go too, the client
 * is told to ask again over TCP. Throws on a record that cannot stand on the wire.
 */
export function encodeReply(query: DnsQuery, reply: DnsReply, limit: number): Uint8Array {
  const opt = query.edns === undefined ? [] : [optRecord(query.edns.wantsDnssec, 0)];
  const answers = reply.answers.map((record) => encodeRecord(record, query));
  const authority = reply.authority.map((record) => encodeRecord(record, query));
  const additional = reply.additional.map((record) => encodeRecord(record, query));
  const fixed = HEADER_BYTES + query.rawQuestion.length + size(opt);
  const whole = fixed + size(answers) + size(authority);
  let flags = RESPONSE | RECURSION_AVAILABLE | RCODES[reply.rcode];
  if (reply.isAuthoritative) flags |= AUTHORITATIVE;
  if (query.wantsRecursion) flags |= RECURSION_WANTED;
  if (query.checkingDisabled) flags |= CHECKING_DISABLED;
  if (reply.isTruncated === true) flags |= TRUNCATED;
  if (whole <= limit) return message(query, flags, { answers, authority, additional: fitting(additional, limit - whole), opt });
  return message(query, flags | TRUNCATED, { answers: fitting(answers, limit - fixed), authority: [], additional: [], opt });
}

/** The answer to something that is not a question which can be answered; it carries no question. */
export function encodeFault(id: number, opcode: number, fault: QueryFault): Uint8Array {
  const opt = fault === "BADVERS" ? [optRecord(false, RCODES.BADVERS >>> 4)] : [];
  const head = new Uint8Array(HEADER_BYTES);
  const view = new DataView(head.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RESPONSE | (opcode << 11) | (RCODES[fault] & 15));
  view.setUint16(10, opt.length);
  return Buffer.concat([head, ...opt]);
}

interface Sections {
  readonly answers: readonly Uint8Array[];
  readonly authority: readonly Uint8Array[];
  readonly additional: readonly Uint8Array[];
  readonly opt: readonly Uint8Array[];
}

function message({ id, rawQuestion }: DnsQuery, flags: number, { answers, authority, additional, opt }: Sections): Uint8Array {
  const head = new Uint8Array(HEADER_BYTES);
  const view = new DataView(head.buffer);
  for (const [at, value] of [id, flags, 1, answers.length, authority.length, additional.length + opt.length].entries())
    view.setUint16(at * 2, value);
  return Buffer.concat([head, rawQuestion, ...answers, ...authority, ...additional, ...opt]);
}

function encodeRecord(record: DnsRecord, { question }: DnsQuery): Uint8Array {
  const wire = toWire(record);
  if (record.name !== question.name || record.name === "") return encodeAnswer(wire);
  // Encoded with the root for its name, one zero byte, which gives way to a pointer.
  const bytes = encodeAnswer({ ...wire, name: "." });
  return Buffer.concat([POINTER_TO_QUESTION, bytes.subarray(1)]);
}

function optRecord(wantsDnssec: boolean, extendedRcode: number): Uint8Array {
  return encodeAnswer({
    type: "OPT",
    name: ".",
    udpPayloadSize: UDP_SIZE,
    extendedRcode,
    ednsVersion: 0,
    flags: wantsDnssec ? packet.DNSSEC_OK : 0,
    flag_do: wantsDnssec,
    options: [],
  });
}

function size(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function fitting(parts: readonly Uint8Array[], room: number): readonly Uint8Array[] {
  const kept: Uint8Array[] = [];
  let left = room;
  for (const part of parts) {
    left -= part.length;
    if (left < 0) break;
    kept.push(part);
  }
  return kept;
}
