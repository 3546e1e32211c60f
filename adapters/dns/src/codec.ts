import packet from "dns-packet";

/** Parts of `dns-packet` that its types leave out. */
interface Untyped {
  readonly answer: { encode(record: packet.Answer): Uint8Array };
}

/** One record in its wire form, names uncompressed. */
export function encodeAnswer(record: packet.Answer): Uint8Array {
  return (packet as unknown as Untyped).answer.encode(record);
}
