/*
 * Numbers in netlink messages have the byte order of the machine. EC2 has little-endian machines only (x86-64 and arm64).
 */

/** A view on exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

/** Netlink aligns headers, messages and attributes to four bytes. */
export function align4(length: number): number {
  return (length + 3) & ~3;
}
