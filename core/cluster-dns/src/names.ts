import { formatIpv6, ipv6FromBytes, parseIpv4, parseIpv6 } from "@slash28/address";
import type { DnsName } from "./message.ts";

/** Lower case, without the dot at the end. */
export function dnsName(text: string): DnsName {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  return name.toLowerCase();
}

export function labelsOf(name: DnsName): readonly string[] {
  return name === "" ? [] : name.split(".");
}

/** Whether a name is a zone or lies in it; every name lies in the root. */
export function isWithin(name: DnsName, zone: DnsName): boolean {
  return zone === "" || name === zone || name.endsWith(`.${zone}`);
}

/** The longest of the zones that a name lies in. */
export function closestZone(name: DnsName, zones: readonly DnsName[]): DnsName | undefined {
  let found: DnsName | undefined;
  for (const zone of zones) if (isWithin(name, zone) && (found === undefined || zone.length > found.length)) found = zone;
  return found;
}

/** The labels of a name in front of its zone, the one next to the zone first: `web.shop.svc` in `cluster.local` is `svc`, `shop`, `web`. */
export function labelsInside(name: DnsName, zone: DnsName): readonly string[] {
  const labels = labelsOf(name);
  return labels.slice(0, labels.length - labelsOf(zone).length).reverse();
}

export const IPV4_REVERSE = "in-addr.arpa";
export const IPV6_REVERSE = "ip6.arpa";

export function isReverseZone(zone: DnsName): boolean {
  return isWithin(zone, IPV4_REVERSE) || isWithin(zone, IPV6_REVERSE);
}

/** The address a name of `in-addr.arpa` or `ip6.arpa` stands for; nothing when it is no whole address. */
export function addressOfReverse(name: DnsName): string | undefined {
  if (isWithin(name, IPV4_REVERSE)) {
    const parts = labelsInside(name, IPV4_REVERSE);
    const text = parts.join(".");
    return parts.length === 4 && parseIpv4(text) !== undefined ? text : undefined;
  }
  if (!isWithin(name, IPV6_REVERSE)) return undefined;
  const nibbles = labelsInside(name, IPV6_REVERSE);
  if (nibbles.length !== 32 || !nibbles.every((nibble) => /^[\da-f]$/.test(nibble))) return undefined;
  const bytes = Uint8Array.from({ length: 16 }, (_, at) => Number.parseInt(`${nibbles[at * 2]}${nibbles[at * 2 + 1]}`, 16));
  return formatIpv6(ipv6FromBytes(bytes));
}

/** The family an address is of, by the type of the record that carries it. */
export function addressType(address: string): "A" | "AAAA" | undefined {
  if (parseIpv4(address) !== undefined) return "A";
  return parseIpv6(address) === undefined ? undefined : "AAAA";
}

/** An address as a label: `10-0-0-5`; dots and colons cannot stand in one, and a dash not at its end. As CoreDNS writes it. */
export function dashedAddress(address: string): string {
  const dashed = address.replaceAll(/[.:]/g, "-");
  return dashed.endsWith("-") ? `${dashed}0` : dashed;
}

/** The address that a pod's label spells; nothing when it spells none. */
export function addressOfDashes(label: string): string | undefined {
  const dotted = label.replaceAll("-", ".");
  if (parseIpv4(dotted) !== undefined) return dotted;
  const parsed = parseIpv6(label.replaceAll("-", ":"));
  return parsed === undefined ? undefined : formatIpv6(parsed);
}
