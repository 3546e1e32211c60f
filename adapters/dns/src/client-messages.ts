import packet from "dns-packet";
import { dnsName, type DnsQuestion, type DnsRcode, type DnsRecord, type DnsReply } from "@slash28/cluster-dns";
import { fromWire } from "./records.ts";

const UDP_SIZE = 1_232;
const RCODES = new Set<string>(["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] satisfies DnsRcode[]);

/** A question for another server; it takes answers as large as go through without fragments. */
export function encodeQuery(id: number, question: DnsQuestion, wantsDnssec = false): Uint8Array {
  return packet.encode({
    type: "query",
    id,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name: question.name === "" ? "." : question.name, type: question.type as packet.RecordType }],
    additionals: [
      {
        type: "OPT",
        name: ".",
        udpPayloadSize: UDP_SIZE,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: wantsDnssec ? packet.DNSSEC_OK : 0,
        flag_do: wantsDnssec,
        options: [],
      },
    ],
  });
}

/** What another server answered to that question; nothing when the bytes are no answer to it. */
export function decodeReply(bytes: Uint8Array, id: number, question: DnsQuestion): DnsReply | undefined {
  let decoded: packet.DecodedPacket;
  try {
    decoded = packet.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch {
    return undefined;
  }
  const [asked] = decoded.questions ?? [];
  if (decoded.id !== id || decoded.type !== "response" || asked === undefined) return undefined;
  if ((asked.name === "." ? "" : dnsName(asked.name)) !== question.name || asked.type !== question.type) return undefined;
  const { rcode = "SERVFAIL" } = decoded as { readonly rcode?: string };
  return {
    rcode: RCODES.has(rcode) ? (rcode as DnsRcode) : "SERVFAIL",
    isAuthoritative: decoded.flag_aa,
    answers: records(decoded.answers),
    authority: records(decoded.authorities),
    additional: records(decoded.additionals),
    ...(decoded.flag_tc ? { isTruncated: true } : {}),
  };
}

function records(section: readonly packet.Answer[] | undefined): readonly DnsRecord[] {
  return (section ?? []).flatMap((answer) => fromWire(answer) ?? []);
}
