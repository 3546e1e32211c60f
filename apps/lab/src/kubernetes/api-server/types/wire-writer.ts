/** Writes protobuf messages field by field (protobuf encoding); the other way of wire-reader.ts. */
export class WireWriter {
  readonly #parts: Buffer[] = [];

  text(number: number, value: string): this {
    return this.bytes(number, Buffer.from(value));
  }

  message(number: number, write: (inner: WireWriter) => void): this {
    const inner = new WireWriter();
    write(inner);
    return this.bytes(number, inner.finish());
  }

  flag(number: number, value: boolean): this {
    this.#parts.push(varint(number << 3), varint(value ? 1 : 0));
    return this;
  }

  bytes(number: number, value: Buffer): this {
    this.#parts.push(varint((number << 3) | 2), varint(value.length), value);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
