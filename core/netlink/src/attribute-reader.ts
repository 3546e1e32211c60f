import { ipv4FromBytes, type Ipv4 } from "@slash28/address";
import { align4, readText, viewOf } from "./bytes.ts";

const HEADER = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER: flags in the type field. */
const TYPE_MASK = 0x3fff;

/**
 * Reads the attributes behind a message's fixed structure, each when it is asked for; of repeated ones the last. A length that does
 * not fit ends the reading, as in the kernel's own parser. An attribute too short for what is asked counts as absent.
 */
export class AttributeReader {
  readonly #payload: Uint8Array;
  readonly #view: DataView;
  readonly #start: number;

  constructor(payload: Uint8Array, start: number) {
    this.#payload = payload;
    this.#view = viewOf(payload);
    this.#start = start;
  }

  bytes(type: number): Uint8Array | undefined {
    let found = -1;
    for (let at = this.#start; at + HEADER <= this.#payload.length;) {
      const length = this.#view.getUint16(at, true);
      if (length < HEADER || at + length > this.#payload.length) break;
      if ((this.#view.getUint16(at + 2, true) & TYPE_MASK) === type) found = at;
      at += align4(length);
    }
    return found === -1 ? undefined : this.#payload.subarray(found + HEADER, found + this.#view.getUint16(found, true));
  }

  u16(type: number): number | undefined {
    const data = this.bytes(type);
    return data === undefined || data.length < 2 ? undefined : viewOf(data).getUint16(0, true);
  }

  u32(type: number): number | undefined {
    const data = this.bytes(type);
    return data === undefined || data.length < 4 ? undefined : viewOf(data).getUint32(0, true);
  }

  ipv4(type: number): Ipv4 | undefined {
    const data = this.bytes(type);
    return data?.length === 4 ? ipv4FromBytes(data) : undefined;
  }

  text(type: number): string | undefined {
    const data = this.bytes(type);
    return data === undefined ? undefined : readText(data);
  }
}
