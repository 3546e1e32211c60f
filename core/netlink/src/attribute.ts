import { align4, viewOf, zeroed } from "./bytes.ts";

/** One attribute of a message: `struct nlattr` and its data. */
export interface Attribute {
  readonly type: number;
  readonly data: Uint8Array;
}

const HEADER = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER: flags in the type field. */
const TYPE_MASK = 0x3fff;
export const NESTED = 0x8000;

/** Attributes as bytes, each padded to four. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  const { bytes, view } = zeroed(attributes.reduce((length, attribute) => length + align4(HEADER + attribute.data.length), 0));
  let at = 0;
  for (const { type, data } of attributes) {
    view.setUint16(at, HEADER + data.length, true);
    view.setUint16(at + 2, type, true);
    bytes.set(data, at + HEADER);
    at += align4(HEADER + data.length);
  }
  return bytes;
}

/** Reads attributes up to the end of the bytes; a length that does not fit ends the reading, as in the kernel's own parser. */
export function decodeAttributes(bytes: Uint8Array): Attribute[] {
  const attributes: Attribute[] = [];
  const view = viewOf(bytes);
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const length = view.getUint16(at, true);
    if (length < HEADER || at + length > bytes.length) break;
    attributes.push({ type: view.getUint16(at + 2, true) & TYPE_MASK, data: bytes.subarray(at + HEADER, at + length) });
    at += align4(length);
  }
  return attributes;
}

/** An attribute that holds attributes. */
export function nest(type: number, attributes: readonly Attribute[]): Attribute {
  return { type: type | NESTED, data: encodeAttributes(attributes) };
}

/** Attributes by type; of repeated ones the last. */
export function attributesByType(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  return new Map(decodeAttributes(bytes).map(({ type, data }) => [type, data]));
}
