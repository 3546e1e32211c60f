import packet from "dns-packet";
import { dnsName, type DnsQuestion } from "@slash28/cluster-dns";

/** A question as it came over the wire, and what the client said about itself. */
export interface DnsQuery {
  readonly id: number;
  readonly question: DnsQuestion;
  /** The question as sent, so that the answer repeats its upper and lower case (draft-vixie-dnsext-dns0x20). */
  readonly rawQuestion: Uint8Array;
  readonly wantsRecursion: boolean;
  readonly checkingDisabled: boolean;
  /** Absent: a client without EDNS, which takes 512 bytes over UDP (RFC 6891). */
  readonly edns?: { readonly udpSize: number; readonly wantsDnssec: boolean };
}

/** Codes that only the wire knows stand beside those of a reply; 16 is BADVERS of RFC 6891. */
export type QueryFault = "FORMERR" | "NOTIMP" | "REFUSED" | "BADVERS";

export type DecodedQuery =
  | { readonly kind: "query"; readonly query: DnsQuery }
  /** Refused as it stands; what is known of it is enough to say so. */
  | { readonly kind: "fault"; readonly fault: QueryFault; readonly id: number; readonly opcode: number }
  /** Not to be answered at all: an answer, or too short to be anything. */
  | { readonly kind: "noise" };

const HEADER_BYTES = 12;
const QUERY_OPCODE = 0;
/** The smallest answer a client with EDNS may limit itself to. */
const UDP_SIZE_MIN = 512;

/** Reads a query; never throws, whatever the bytes. */
export function decodeQuery(bytes: Uint8Array): DecodedQuery {
  if (bytes.length < HEADER_BYTES) return { kind: "noise" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const id = view.getUint16(0);
  const flags = view.getUint16(2);
  if ((flags & 0x8000) !== 0) return { kind: "noise" };
  const opcode = (flags >>> 11) & 15;
  const fault = (fault: QueryFault): DecodedQuery => ({ kind: "fault", fault, id, opcode });
  if (opcode !== QUERY_OPCODE) return fault("NOTIMP");
  if (view.getUint16(4) !== 1 || view.getUint16(6) !== 0) return fault("FORMERR");
  let decoded: packet.DecodedPacket;
  let end: number;
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    decoded = packet.decode(buffer);
    end = questionEnd(buffer);
  } catch {
    return fault("FORMERR");
  }
  const asked = readQuestion(decoded);
  if ("fault" in asked) return fault(asked.fault);
  return {
    kind: "query",
    query: {
      id,
      ...asked,
      rawQuestion: bytes.slice(HEADER_BYTES, end),
      wantsRecursion: (flags & 0x0100) !== 0,
      checkingDisabled: (flags & 0x0010) !== 0,
    },
  };
}

function readQuestion(decoded: packet.DecodedPacket): Pick<DnsQuery, "question" | "edns"> | { readonly fault: QueryFault } {
  const [asked] = decoded.questions ?? [];
  if (asked === undefined || !isWhole(asked.name)) return { fault: "FORMERR" };
  if (asked.class !== "IN") return { fault: "REFUSED" };
  const [opt, second] = (decoded.additionals ?? []).filter((record) => record.type === "OPT");
  if (second !== undefined) return { fault: "FORMERR" };
  if (opt !== undefined && opt.ednsVersion !== 0) return { fault: "BADVERS" };
  const question = { name: asked.name === "." ? "" : dnsName(asked.name), type: asked.type };
  if (opt === undefined) return { question };
  return { question, edns: { udpSize: Math.max(UDP_SIZE_MIN, opt.udpPayloadSize), wantsDnssec: (opt.flags & 0x8000) !== 0 } };
}

/** The codec shows labels as text: one that is not UTF-8, or has a dot in it, cannot be told apart from others, and no host is called so. */
function isWhole(name: string): boolean {
  return name === "." || (!name.includes("�") && !name.split(".").includes(""));
}

/** Where the only question ends: labels up to the root, then type and class. A name in a question is never compressed. */
function questionEnd(bytes: Uint8Array): number {
  let at = HEADER_BYTES;
  for (let length = bytes[at] ?? 0; length !== 0; length = bytes[at] ?? 0) {
    if (length > 63) throw new RangeError("a compressed question");
    at += length + 1;
  }
  return at + 5;
}
