import { addressBits, formatCidrRange, parseAddress, parseCidr, parseCidr4Loose, parseCidr6Loose, type CidrRange } from "@slash28/address";
import { usageError } from "../output/index.ts";

/** A range as typed; a single address is a range of one. */
export function readRange(text: string): CidrRange {
  const found = rangeOf(text);
  if (found !== undefined) return found;
  const loose = parseCidr4Loose(text) ?? parseCidr6Loose(text);
  const hint =
    loose === undefined ? "write it as 10.0.0.0/16 or 2001:db8::/56" : `it has host bits set; its range is ${formatCidrRange(loose)}`;
  throw usageError(`${JSON.stringify(text)} is not a CIDR range: ${hint}`);
}

/** The range that a text is, or the one address; `undefined` for anything else. */
export function rangeOf(text: string): CidrRange | undefined {
  const range = parseCidr(text)?.range;
  if (range !== undefined) return range;
  const address = parseAddress(text)?.address;
  if (address === undefined) return undefined;
  return typeof address === "bigint" ? { base: address, length: 128 } : { base: address, length: 32 };
}

/** A prefix length as typed, such as `28` or `/28`, for pieces of these ranges. */
export function readLength(text: string, ranges: readonly CidrRange[]): number {
  const length = Number(text.replace(/^\//, ""));
  const longest = Math.max(...ranges.map(addressBits));
  if (!/^\/?\d{1,3}$/.test(text) || length > longest) {
    throw usageError(`${JSON.stringify(text)} is not a prefix length: give a whole number from 0 to ${longest}`);
  }
  return length;
}
