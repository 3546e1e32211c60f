const WORD_BITS = 32;

/**
 * A set of small numbers that finds its next member in a few steps: level 0 has a bit per number, each higher level a bit per word below
 * that is not empty. 65,536 numbers need four levels.
 */
export class BitTree {
  readonly size: number;
  readonly #levels: readonly Uint32Array[];

  constructor(size: number) {
    this.size = size;
    const levels: Uint32Array[] = [];
    for (let bits = size; ;) {
      const words = Math.max(1, Math.ceil(bits / WORD_BITS));
      levels.push(new Uint32Array(words));
      if (words === 1) break;
      bits = words;
    }
    this.#levels = levels;
  }

  has(member: number): boolean {
    return (((this.#levels[0]?.[member >>> 5] ?? 0) >>> (member & 31)) & 1) === 1;
  }

  add(member: number): void {
    let index = member;
    for (const level of this.#levels) {
      const word = index >>> 5;
      const before = level[word] ?? 0;
      level[word] = before | (1 << (index & 31));
      if (before !== 0) return;
      index = word;
    }
  }

  remove(member: number): void {
    let index = member;
    for (const level of this.#levels) {
      const word = index >>> 5;
      const after = (level[word] ?? 0) & ~(1 << (index & 31));
      level[word] = after;
      if (after !== 0) return;
      index = word;
    }
  }

  set(member: number, isMember: boolean): void {
    if (isMember) this.add(member);
    else this.remove(member);
  }

  /** The lowest member not below `from`. */
  next(from: number): number | undefined {
    let index = from;
    for (let depth = 0; depth < this.#levels.length; depth++) {
      const level = this.#levels[depth];
      const word = index >>> 5;
      const rest = (level?.[word] ?? 0) & (0xffffffff << (index & 31));
      if (rest !== 0) return this.#descend(depth, word * WORD_BITS + lowestBit(rest));
      index = word + 1;
    }
    return undefined;
  }

  #descend(depth: number, index: number): number {
    let at = index;
    for (let below = depth - 1; below >= 0; below--) at = at * WORD_BITS + lowestBit(this.#levels[below]?.[at] ?? 0);
    return at;
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
