/** A name in the form used here: lower case, no trailing dot; the root is `""`. */
export type DnsName = string;

/** What is asked. `type` is the mnemonic of the IANA registry (`A`, `SRV`), or `UNKNOWN_<number>` without one. */
export interface DnsQuestion {
  readonly name: DnsName;
  readonly type: string;
}

interface RecordHead {
  readonly name: DnsName;
  /** Seconds. */
  readonly ttl: number;
}

export type AddressRecord = RecordHead & { readonly type: "A" | "AAAA"; readonly address: string };
export type NameRecord = RecordHead & { readonly type: "CNAME" | "PTR" | "NS"; readonly target: DnsName };
export type ServiceRecord = RecordHead & {
  readonly type: "SRV";
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: DnsName;
};
export type TextRecord = RecordHead & { readonly type: "TXT"; readonly texts: readonly string[] };
export type AuthorityRecord = RecordHead & {
  readonly type: "SOA";
  readonly mname: DnsName;
  readonly rname: DnsName;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** How long, in seconds, the absence of a name may be remembered (RFC 2308). */
  readonly minimum: number;
};
/** A record of a type that is only passed on; `data` is what the wire codec made of it. */
export type OtherRecord = RecordHead & { readonly type: "OTHER"; readonly wireType: string; readonly data: unknown };

export type DnsRecord = AddressRecord | NameRecord | ServiceRecord | TextRecord | AuthorityRecord | OtherRecord;

export type DnsRcode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";

/** What is answered, without the parts that only the wire knows. */
export interface DnsReply {
  readonly rcode: DnsRcode;
  readonly isAuthoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  /** The answer was cut on its way here; nobody may keep it. */
  readonly isTruncated?: boolean;
}

/** A reply that says no more than its code. */
export function bareReply(rcode: DnsRcode): DnsReply {
  return { rcode, isAuthoritative: false, answers: [], authority: [], additional: [] };
}

/** The type as it stands on the wire. */
export function wireTypeOf(record: DnsRecord): string {
  return record.type === "OTHER" ? record.wireType : record.type;
}
