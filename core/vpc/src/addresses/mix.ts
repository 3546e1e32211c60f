/**
 * Scrambles 32 bits so that neighbours end up far apart. One to one: different inputs never meet (the finaliser of MurmurHash3, by
 * Austin Appleby, public domain).
 */
export function mix32(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
