/** DER, the byte form of ASN.1 (ITU-T X.690), as far as certificates need it: every function gives one encoded value. */

const TAG = {
  integer: 0x02,
  bits: 0x03,
  bytes: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  generalTime: 0x18,
  boolean: 0x01,
} as const;

export function encoded(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return encoded(TAG.sequence, ...contents);
}

export function set(...contents: readonly Uint8Array[]): Buffer {
  return encoded(TAG.set, ...contents);
}

/** An unsigned integer given as bytes, most significant first. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes[0] ?? 0;
  return encoded(TAG.integer, ...(first >= 0x80 || bytes.length === 0 ? [Buffer.from([0])] : []), bytes);
}

export function boolean(value: boolean): Buffer {
  return encoded(TAG.boolean, Buffer.from([value ? 0xff : 0]));
}

/** Bits; `unused` of the last byte do not count. */
export function bits(bytes: Uint8Array, unused = 0): Buffer {
  return encoded(TAG.bits, Buffer.from([unused]), bytes);
}

export function bytes(value: Uint8Array): Buffer {
  return encoded(TAG.bytes, value);
}

export function text(value: string): Buffer {
  return encoded(TAG.utf8, Buffer.from(value, "utf8"));
}

/** GeneralizedTime, which RFC 5280 asks for from 2050 on and readers accept before. */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "");
  return encoded(TAG.generalTime, Buffer.from(`${digits}Z`, "ascii"));
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return encoded(TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80);
  return digits;
}

/** A value under a context tag: `[n]`, constructed. */
export function tagged(number: number, content: Uint8Array): Buffer {
  return encoded(0xa0 | number, content);
}

/** A plain value under a context tag: `[n]`, not constructed. */
export function taggedPlain(number: number, content: Uint8Array): Buffer {
  return encoded(0x80 | number, content);
}
