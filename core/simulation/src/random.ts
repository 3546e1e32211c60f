/** A source of choices that gives the same ones for the same seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/** Seeds of several parts make independent streams: one per step, one per call, so that leaving one out changes no other. */
export function createRandom(...seed: readonly (number | string)[]): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let d = 1;
  // sfc32 (PractRand, C. Doty-Humphrey): small, fast, and good enough for choices.
  const draw = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (const part of seed) {
    if (typeof part === "string") for (let i = 0; i < part.length; i++) a = Math.imul(a ^ part.charCodeAt(i), 0x01000193);
    else {
      a ^= part | 0;
      b ^= Math.floor(part / 2 ** 32) | 0;
    }
    for (let i = 0; i < 4; i++) draw();
  }
  for (let i = 0; i < 8; i++) draw();
  const next = (): number => draw() / 2 ** 32;
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    between: (low, high) => low + int(high - low + 1),
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError("nothing to pick from");
      return list[int(list.length)] as T;
    },
  };
}
