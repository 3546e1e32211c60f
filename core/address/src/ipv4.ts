declare const ipv4Brand: unique symbol;

/** An IPv4 address as an unsigned 32-bit number: comparing, sorting and stepping cost nothing. */
export type Ipv4 = number & { readonly [ipv4Brand]: true };

const DOT = 46;
const ZERO = 48;

/** Reads dotted-quad text (RFC 6943 strict form: four decimal parts, no leading zeros). `undefined` when it is anything else. */
export function parseIpv4(text: string): Ipv4 | undefined {
  let value = 0;
  let part = -1;
  let parts = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? DOT : text.charCodeAt(i);
    if (code === DOT) {
      if (part < 0 || parts === 4) return undefined;
      value = value * 256 + part;
      parts++;
      part = -1;
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9 || part === 0) return undefined;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return undefined;
    }
  }
  return parts === 4 ? (value as Ipv4) : undefined;
}

/** Like {@link parseIpv4}, for literals in code: throws on text that is not an address. */
export function ipv4(text: string): Ipv4 {
  const parsed = parseIpv4(text);
  if (parsed === undefined) throw new TypeError(`${JSON.stringify(text)} is not an IPv4 address`);
  return parsed;
}

/** Dotted-quad text. */
export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Takes any number's low 32 bits as an address. */
export function ipv4FromNumber(value: number): Ipv4 {
  return (value >>> 0) as Ipv4;
}

/** The address `steps` after (or, negative, before) this one; wraps at the ends of the space. */
export function offsetIpv4(address: Ipv4, steps: number): Ipv4 {
  return ((address + steps) >>> 0) as Ipv4;
}

/** The four bytes in network order. */
export function ipv4ToBytes(address: Ipv4): Uint8Array {
  return Uint8Array.of(address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255);
}

/** The address held in four bytes, network order, from `offset`. */
export function ipv4FromBytes(bytes: Uint8Array, offset = 0): Ipv4 {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(offset, offset + 4);
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) as Ipv4;
}
