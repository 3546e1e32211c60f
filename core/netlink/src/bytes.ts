/*
 * Numbers in netlink messages have the byte order of the machine. EC2 has little-endian machines only (x86-64 and arm64).
 */

/** Bytes of one message part. */
export interface ByteArea {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Zeroed bytes with a view on them. */
export function zeroed(length: number): ByteArea {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** A view on exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function u16(value: number): Uint8Array {
  const { bytes, view } = zeroed(2);
  view.setUint16(0, value, true);
  return bytes;
}

export function u32(value: number): Uint8Array {
  const { bytes, view } = zeroed(4);
  view.setUint32(0, value, true);
  return bytes;
}

/** ASCII text with a closing zero byte: names of links and kinds of links. */
export function zeroTerminated(text: string): Uint8Array {
  const { bytes } = zeroed(text.length + 1);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function readU16(data: Uint8Array): number {
  return viewOf(data).getUint16(0, true);
}

export function readU32(data: Uint8Array): number {
  return viewOf(data).getUint32(0, true);
}

/** ASCII text up to the first zero byte. */
export function readText(data: Uint8Array): string {
  let text = "";
  for (const byte of data) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** All parts one after another. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Netlink aligns headers, messages and attributes to four bytes. */
export function align4(length: number): number {
  return (length + 3) & ~3;
}
