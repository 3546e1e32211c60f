import { constants, createDeflate, createInflate } from "node:zlib";
import { HEADER_DICTIONARY } from "./header-dictionary.ts";

/** Headers of one connection: compressed as one stream each way, so blocks must be read and written in order. */
export interface HeaderBlocks {
  /** Rejects when the block is not a header block. Names are lower case. */
  read(block: Buffer): Promise<ReadonlyMap<string, string>>;
  write(headers: ReadonlyMap<string, string>): Promise<Buffer>;
  close(): void;
}

export function createHeaderBlocks(): HeaderBlocks {
  const inflate = createInflate({ dictionary: HEADER_DICTIONARY });
  const deflate = createDeflate({ dictionary: HEADER_DICTIONARY });
  const taken = (stream: { read(): Buffer | null }): Buffer => {
    const parts: Buffer[] = [];
    for (let part = stream.read(); part !== null; part = stream.read()) parts.push(part);
    return Buffer.concat(parts);
  };
  return {
    read: (block) =>
      new Promise((resolve, reject) => {
        inflate.once("error", reject);
        inflate.write(block, () => {
          inflate.off("error", reject);
          const headers = parse(taken(inflate));
          if (headers === undefined) reject(new Error("a header block is damaged"));
          else resolve(headers);
        });
      }),
    write: (headers) =>
      new Promise((resolve) => {
        deflate.write(format(headers));
        deflate.flush(constants.Z_SYNC_FLUSH, () => resolve(taken(deflate)));
      }),
    close() {
      inflate.destroy();
      deflate.destroy();
    },
  };
}

function parse(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  let at = 4;
  const next = (): string | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) return undefined;
    at += 4 + length;
    return bytes.toString("utf8", at - length, at);
  };
  const count = bytes.length < 4 ? -1 : bytes.readUInt32BE(0);
  for (let i = 0; i < count; i++) {
    const [name, value] = [next(), next()];
    if (name === undefined || value === undefined) return undefined;
    headers.set(name.toLowerCase(), value);
  }
  return count < 0 ? undefined : headers;
}

function format(headers: ReadonlyMap<string, string>): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const parts = [...headers].flatMap(([name, value]) => [name, value]).map((text) => Buffer.from(text));
  return Buffer.concat([number(headers.size), ...parts.flatMap((part) => [number(part.length), part])]);
}
