import type packet from "dns-packet";
import { dnsName, type DnsRecord } from "@slash28/cluster-dns";

/** The codec leaves nothing out of what it reads. */
type Whole<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

const LABEL_MAX = 63;
const NAME_MAX = 253;

/** A record in the codec's form. Throws on a name that cannot stand on the wire. */
export function toWire(record: DnsRecord): packet.Answer {
  const head = { name: wireName(record.name), ttl: record.ttl, class: "IN" } as const;
  switch (record.type) {
    case "A":
    case "AAAA":
      return { ...head, type: record.type, data: record.address };
    case "CNAME":
    case "PTR":
    case "NS":
      return { ...head, type: record.type, data: wireName(record.target) };
    case "SRV": {
      const { priority, weight, port, target } = record;
      return { ...head, type: "SRV", data: { priority, weight, port, target: wireName(target) } };
    }
    case "TXT":
      return { ...head, type: "TXT", data: [...record.texts] };
    case "SOA": {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record;
      return { ...head, type: "SOA", data: { mname: wireName(mname), rname: wireName(rname), serial, refresh, retry, expire, minimum } };
    }
    case "OTHER":
      return { ...head, type: record.wireType, data: record.data } as packet.Answer;
    default:
      return record satisfies never;
  }
}

/** A record as the codec gives it; nothing for OPT, which is part of the message and not of its content. */
export function fromWire(answer: packet.Answer): DnsRecord | undefined {
  if (answer.type === "OPT") return undefined;
  const head = { name: plainName(answer.name), ttl: "ttl" in answer ? (answer.ttl ?? 0) : 0 };
  switch (answer.type) {
    case "A":
    case "AAAA":
      return { ...head, type: answer.type, address: answer.data };
    case "CNAME":
    case "PTR":
    case "NS":
      return { ...head, type: answer.type, target: plainName(answer.data) };
    case "SRV": {
      const { priority, weight, port, target } = answer.data as Whole<packet.SrvData>;
      return { ...head, type: "SRV", priority, weight, port, target: plainName(target) };
    }
    case "SOA": {
      const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data as Whole<packet.SoaData>;
      return { ...head, type: "SOA", mname: plainName(mname), rname: plainName(rname), serial, refresh, retry, expire, minimum };
    }
    default:
      return { ...head, type: "OTHER", wireType: answer.type, data: answer.data };
  }
}

function plainName(name: string): string {
  return name === "." ? "" : dnsName(name);
}

function wireName(name: string): string {
  if (name === "") return ".";
  const isFit = name.length <= NAME_MAX && name.split(".").every((label) => label !== "" && Buffer.byteLength(label) <= LABEL_MAX);
  if (!isFit) throw new RangeError(`${JSON.stringify(name)} is not a name that DNS can carry`);
  return name;
}
