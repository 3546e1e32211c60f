/**
 * SHA-1 of bytes, as lower-case hex (FIPS 180-4, section 6.1). Used only to make the link names that existing nodes have; never to protect
 * anything.
 */
export function sha1Hex(bytes: Uint8Array): string {
  const words = padded(bytes);
  let state: State = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  for (let at = 0; at < words.length; at += 16) state = compress(state, words, at);
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

type State = readonly [number, number, number, number, number];

/** The message with a 1 bit, zeros, and its length in bits, as big-endian 32-bit words. */
function padded(bytes: Uint8Array): Int32Array {
  const words = new Int32Array((((bytes.length + 8) >> 6) + 1) * 16);
  for (const [i, byte] of bytes.entries()) words[i >> 2] = (words[i >> 2] ?? 0) | (byte << (24 - (i & 3) * 8));
  const end = bytes.length >> 2;
  words[end] = (words[end] ?? 0) | (0x80 << (24 - (bytes.length & 3) * 8));
  words[words.length - 2] = Math.floor(bytes.length / 2 ** 29);
  words[words.length - 1] = bytes.length << 3;
  return words;
}

function compress(state: State, words: Int32Array, at: number): State {
  const schedule = new Int32Array(80);
  schedule.set(words.subarray(at, at + 16));
  for (let t = 16; t < 80; t++)
    schedule[t] = rotate(word(schedule, t - 3) ^ word(schedule, t - 8) ^ word(schedule, t - 14) ^ word(schedule, t - 16), 1);
  let [a, b, c, d, e] = state;
  for (let t = 0; t < 80; t++) {
    const next = (rotate(a, 5) + mix(t, b, c, d) + e + word(schedule, t)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  return [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0, (state[4] + e) | 0];
}

/** The round's function of b, c, d plus its constant. */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
