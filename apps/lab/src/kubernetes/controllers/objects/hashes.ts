/** JSON with sorted keys and without `undefined`: equal values, equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value as Record<string, unknown>).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(",")}}`;
}

export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/** Letters and digits of generated names: none that form words or look alike, as in Kubernetes. */
const NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** A short name part that depends on nothing but the value: FNV-1a (32 bits) written in name letters. */
export function shortHash(value: unknown): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(canonicalJson(value))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return String(hash).replace(/\d/g, (digit) => NAME_LETTERS[digit.charCodeAt(0) % NAME_LETTERS.length] ?? digit);
}

/** Five random name letters. */
export function randomSuffix(random: () => number): string {
  let suffix = "";
  for (let i = 0; i < 5; i++) suffix += NAME_LETTERS[Math.floor(random() * NAME_LETTERS.length)] ?? "b";
  return suffix;
}
