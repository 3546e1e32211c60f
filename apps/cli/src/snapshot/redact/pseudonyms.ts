import { createHmac } from "node:crypto";

/** Stands for another text, the same for the same within one snapshot; what it stood for cannot be found without the key. */
export interface Pseudonyms {
  /** So many hexadecimal digits. */
  hex(text: string, digits: number): string;
  /** So many decimal digits, the first not 0. */
  digits(text: string, count: number): string;
  /** One bit, for addresses. */
  bit(text: string): 0 | 1;
}

/** @param key random and kept nowhere: a new one for each snapshot */
export function pseudonymsOf(key: Uint8Array): Pseudonyms {
  const hash = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  return {
    hex: (text, digits) => hash(text).toString("hex").slice(0, digits),
    digits: (text, count) => {
      const value = hash(text).readBigUInt64BE() % 10n ** BigInt(count);
      const text10 = value.toString().padStart(count, "0");
      return text10.startsWith("0") ? `1${text10.slice(1)}` : text10;
    },
    bit: (text) => ((hash(text)[0] ?? 0) & 1 ? 1 : 0),
  };
}
