import type { DnsRecord } from "./message.ts";

/** Aliases first, then addresses in a new order: clients take the first one. `random` gives numbers from [0, 1). */
export function shuffled(answers: readonly DnsRecord[], random: () => number): readonly DnsRecord[] {
  const aliases = answers.filter((record) => record.type === "CNAME");
  const addresses = answers.filter((record) => record.type === "A" || record.type === "AAAA");
  const rest = answers.filter((record) => !aliases.includes(record) && !addresses.includes(record));
  for (let at = addresses.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    const [a, b] = [addresses[at], addresses[other]];
    if (a !== undefined && b !== undefined) [addresses[at], addresses[other]] = [b, a];
  }
  return [...aliases, ...rest, ...addresses];
}
