const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 (RFC 4648, line breaks and blanks between digits allowed) as UTF-8 text; `undefined` when it is not that. */
export function decodeBase64Text(text: string): string | undefined {
  const digits = text.replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits) || digits.length % 4 !== 0) return undefined;
  let escaped = "";
  let bits = 0;
  let count = 0;
  for (const digit of digits.replaceAll("=", "")) {
    bits = ((bits << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    escaped += `%${((bits >> count) & 0xff).toString(16).padStart(2, "0")}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** UTF-8 text as base64. */
export function encodeBase64Text(text: string): string {
  const bytes = [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|[^%]/g)].map(([char, hex]) =>
    hex === undefined ? char.charCodeAt(0) : Number.parseInt(hex, 16),
  );
  let out = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = bytes.slice(at, at + 3);
    out += digit(first >> 2) + digit(((first & 3) << 4) | ((second ?? 0) >> 4));
    out += second === undefined ? "=" : digit(((second & 15) << 2) | ((third ?? 0) >> 6));
    out += third === undefined ? "=" : digit(third & 63);
  }
  return out;
}

function digit(value: number): string {
  return ALPHABET.charAt(value);
}
