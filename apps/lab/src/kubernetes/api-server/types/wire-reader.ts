/** One field as protobuf's wire format has it: a number, or bytes. */
export type WireField = { readonly number: number } & (
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "bytes"; readonly value: Buffer }
);

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const VARINT_MAX_BYTES = 10;

/** Reads the fields of one message, in order (protobuf encoding). `undefined` when the bytes are not a message. */
export function readFields(bytes: Buffer): readonly WireField[] | undefined {
  const fields: WireField[] = [];
  let place = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let index = 0; index < VARINT_MAX_BYTES; index++) {
      const byte = bytes[place++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (place < bytes.length) {
    const key = varint();
    if (key === undefined) return undefined;
    const number = Number(key >> 3n);
    const form = Number(key & 7n);
    if (form === VARINT) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ number, kind: "number", value });
      continue;
    }
    const length = form === BYTES ? Number(varint() ?? -1n) : form === FIXED64 ? 8 : form === FIXED32 ? 4 : -1;
    if (length < 0 || place + length > bytes.length) return undefined;
    fields.push({ number, kind: "bytes", value: bytes.subarray(place, place + length) });
    place += length;
  }
  return fields;
}
