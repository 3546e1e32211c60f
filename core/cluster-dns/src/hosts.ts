import type { DnsName, DnsQuestion, DnsRecord, DnsReply } from "./message.ts";
import { addressOfReverse, addressType, closestZone, dnsName, isWithin } from "./names.ts";

/** One line of a hosts file. */
export interface HostsEntry {
  readonly address: string;
  readonly names: readonly DnsName[];
}

export interface HostsSettings {
  readonly zones: readonly DnsName[];
  /** A file in the form of /etc/hosts. */
  readonly file?: string;
  readonly entries: readonly HostsEntry[];
  /** Seconds. */
  readonly ttl: number;
  /** Addresses lead back to names. */
  readonly hasReverse: boolean;
  /** Names that are not here go on to the next plugin: all, those of some zones, or (absent) none. */
  readonly fallthrough?: readonly DnsName[];
}

/** Lines of a hosts file; what is none is left out. */
export function parseHosts(text: string): readonly HostsEntry[] {
  return text.split("\n").flatMap((line) => {
    const [address = "", ...names] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    return addressType(address) === undefined || names.length === 0 ? [] : [{ address, names: names.map(dnsName) }];
  });
}

/** What a hosts file answers; nothing when the next plugin is to be asked. */
export function answerHosts(settings: HostsSettings, entries: readonly HostsEntry[], { name, type }: DnsQuestion): DnsReply | undefined {
  if (closestZone(name, settings.zones) === undefined) return undefined;
  const reversed = settings.hasReverse ? addressOfReverse(name) : undefined;
  if (reversed !== undefined) {
    const names = entries.filter((entry) => entry.address === reversed).flatMap((entry) => entry.names);
    if (names.length === 0) return undefined;
    return reply(type === "PTR" ? names.map((target) => ({ type: "PTR", name, ttl: settings.ttl, target })) : []);
  }
  const own = entries.filter((entry) => entry.names.includes(name));
  if (own.length === 0) return undefined;
  return reply(
    own.flatMap(({ address }): DnsRecord[] => {
      const family = addressType(address);
      return family === type ? [{ type: family, name, ttl: settings.ttl, address }] : [];
    }),
  );
}

/** Whether a name that is in no entry may be asked elsewhere; CoreDNS refuses nothing here unless fallthrough is narrowed. */
export function hostsPassOn({ zones, fallthrough }: HostsSettings, name: DnsName): boolean {
  if (closestZone(name, zones) === undefined) return true;
  return fallthrough !== undefined && (fallthrough.length === 0 || fallthrough.some((zone) => isWithin(name, zone)));
}

function reply(answers: readonly DnsRecord[]): DnsReply {
  return { rcode: "NOERROR", isAuthoritative: true, answers, authority: [], additional: [] };
}
