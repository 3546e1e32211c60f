import { formatIpv4, parseIpv4, type Ipv4 } from "./ipv4.ts";

declare const ipv6Brand: unique symbol;

/** An IPv6 address as an unsigned 128-bit number. */
export type Ipv6 = bigint & { readonly [ipv6Brand]: true };

const COLON = 58;
const DOT = 46;
const GROUPS = 8;
const LONGEST_TEXT = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length;
const MAPPED_PREFIX = 0xffffn;

/** One address being read or written, as its eight groups. Never holds anything between two calls. */
const scratch = new DataView(new ArrayBuffer(16));

/**
 * Reads the text forms of RFC 4291 section 2.2: full, with one `::`, and with the last 32 bits in dotted form. `undefined` for anything
 * else, a zone (`%eth0`) and brackets included.
 */
export function parseIpv6(text: string): Ipv6 | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const startsWithGap = text.startsWith("::");
  let gap = startsWithGap ? 0 : -1;
  let at = startsWithGap ? 2 : 0;
  let count = 0;
  while (at < text.length) {
    const start = at;
    const group = readGroup(text, start);
    at += group >>> 16;
    if (at === start || count === GROUPS) return undefined;
    const next = text.charCodeAt(at);
    if (next === DOT) {
      if (!placeIpv4(text.slice(start), count)) return undefined;
      count += 2;
      break;
    }
    scratch.setUint16(count * 2, group & 0xffff);
    count++;
    if (at === text.length) break;
    if (next !== COLON || ++at === text.length) return undefined;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = count;
      at++;
    }
  }
  return whole(gap, count);
}

/** Like {@link parseIpv6}, for literals in code: throws on text that is not an address. */
export function ipv6(text: string): Ipv6 {
  const parsed = parseIpv6(text);
  if (parsed === undefined) throw new TypeError(`${JSON.stringify(text)} is not an IPv6 address`);
  return parsed;
}

/** The one text form of RFC 5952: lower case, no leading zeros, `::` for the first longest run of two or more zero groups, IPv4-mapped dotted. */
export function formatIpv6(address: Ipv6): string {
  if (address >> 32n === MAPPED_PREFIX) return `::ffff:${formatIpv4(Number(address & 0xffff_ffffn) as Ipv4)}`;
  toScratch(address);
  const { start, end } = longestZeroRun();
  let text = "";
  for (let group = 0; group < GROUPS; group++) {
    if (group === start) {
      text += "::";
      group = end - 1;
    } else {
      if (group > 0 && group !== end) text += ":";
      text += scratch.getUint16(group * 2).toString(16);
    }
  }
  return text;
}

/** Takes any number's low 128 bits as an address. */
export function ipv6FromBigint(value: bigint): Ipv6 {
  return BigInt.asUintN(128, value) as Ipv6;
}

/** The address `steps` after (or, negative, before) this one; wraps at the ends of the space. */
export function offsetIpv6(address: Ipv6, steps: bigint): Ipv6 {
  return ipv6FromBigint(address + steps);
}

/** The sixteen bytes in network order. */
export function ipv6ToBytes(address: Ipv6): Uint8Array {
  toScratch(address);
  return new Uint8Array(scratch.buffer.slice(0));
}

/** The address held in sixteen bytes, network order, from `offset`; bytes that are missing count as zero. */
export function ipv6FromBytes(bytes: Uint8Array, offset = 0): Ipv6 {
  for (let at = 0; at < 16; at++) scratch.setUint8(at, bytes[offset + at] ?? 0);
  return fromScratch();
}

/** Up to four hex digits from `at`: how many there are in the high half, their value in the low half. */
function readGroup(text: string, at: number): number {
  let value = 0;
  let digits = 0;
  while (digits < 4) {
    const digit = hexDigit(text.charCodeAt(at + digits));
    if (digit < 0) break;
    value = (value << 4) | digit;
    digits++;
  }
  return (digits << 16) | value;
}

/** The value of a hex digit in either case; -1 for any other character and past the end. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function placeIpv4(text: string, group: number): boolean {
  const address = parseIpv4(text);
  if (address === undefined || group > GROUPS - 2) return false;
  scratch.setUint32(group * 2, address);
  return true;
}

/** The address of `count` groups read, of which `gap` (or, without `::`, -1) came before `::`. */
function whole(gap: number, count: number): Ipv6 | undefined {
  if (gap < 0) return count === GROUPS ? fromScratch() : undefined;
  if (count === GROUPS) return undefined;
  openGap(gap, count);
  return fromScratch();
}

/** Moves the groups that were read after `::` to the end, and puts zeros between. */
function openGap(gap: number, count: number): void {
  const moved = count - gap;
  for (let step = 1; step <= moved; step++) scratch.setUint16((GROUPS - step) * 2, scratch.getUint16((count - step) * 2));
  for (let group = gap; group < GROUPS - moved; group++) scratch.setUint16(group * 2, 0);
}

/** The groups that `::` stands for, `end` past the last; both 8 or beyond when it stands for none. */
function longestZeroRun(): { readonly start: number; readonly end: number } {
  let start = GROUPS;
  let length = 1;
  let run = 0;
  for (let group = 0; group < GROUPS; group++) {
    run = scratch.getUint16(group * 2) === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = group - run + 1;
    }
  }
  return { start, end: start + length };
}

function fromScratch(): Ipv6 {
  return ((scratch.getBigUint64(0) << 64n) | scratch.getBigUint64(8)) as Ipv6;
}

function toScratch(address: Ipv6): void {
  scratch.setBigUint64(0, address >> 64n);
  scratch.setBigUint64(8, address);
}
