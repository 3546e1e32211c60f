import { align4 } from "./bytes.ts";

/** Room for most messages; a longer one grows. */
const START_BYTES = 128;
const HEADER = 4;
/** NLA_F_NESTED: flag in the type field. */
const NESTED = 0x8000;

/**
 * Builds a message's payload in one piece of memory: fixed structures, then attributes (`struct nlattr` and its data), each padded to
 * four bytes. A pod's wiring is a dozen messages of half a dozen attributes; a byte array for each of those would cost more than the
 * kernel takes.
 */
export class PayloadWriter {
  #bytes = new Uint8Array(START_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Appends a zeroed structure; returns where it starts, for the setters. */
  structure(length: number): number {
    return this.#extend(length);
  }

  setU8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  setU16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  bytes(type: number, data: Uint8Array): void {
    const at = this.#attribute(type, data.length);
    this.#bytes.set(data, at);
  }

  u16(type: number, value: number): void {
    const at = this.#attribute(type, 2);
    this.setU16(at, value);
  }

  u32(type: number, value: number): void {
    const at = this.#attribute(type, 4);
    this.setU32(at, value);
  }

  /** A number in network order: an IPv4 address. */
  bigEndianU32(type: number, value: number): void {
    const at = this.#attribute(type, 4);
    this.#view.setUint32(at, value, false);
  }

  /** ASCII text with a closing zero byte: names of links and kinds of links. */
  text(type: number, value: string): void {
    const at = this.#attribute(type, value.length + 1);
    for (let i = 0; i < value.length; i++) this.#bytes[at + i] = value.charCodeAt(i);
  }

  /** An attribute that holds attributes. */
  nest(type: number, write: () => void): void {
    this.message(type | NESTED, write);
  }

  /** An attribute that holds a whole message: a structure, then attributes. */
  message(type: number, write: () => void): void {
    const at = this.#attribute(type, 0);
    write();
    this.setU16(at - HEADER, this.#length - at + HEADER);
  }

  /** The payload so far. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Appends an attribute's header and room for its data; returns where the data start. */
  #attribute(type: number, length: number): number {
    const at = this.#extend(align4(HEADER + length));
    this.setU16(at, HEADER + length);
    this.setU16(at + 2, type);
    return at + HEADER;
  }

  #extend(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      longer.set(this.#bytes);
      this.#bytes = longer;
      this.#view = new DataView(longer.buffer);
    }
    return at;
  }
}
