const NONE = -1;
const WORD_BITS = 32;

/** Milliseconds of a window. */
export const WINDOW_MS = 4_096;

/** A window of time with a line of entries for each of its milliseconds. An entry's follower in its line is told by a list of the caller's. */
export class Window {
  /** How many windows come before it. */
  number = 0;
  readonly #firsts = new Int32Array(WINDOW_MS).fill(NONE);
  readonly #lasts = new Int32Array(WINDOW_MS);
  /** A bit for each millisecond that has a line. */
  readonly #filled = new Uint32Array(WINDOW_MS / WORD_BITS);

  /** Puts an entry at the end of a millisecond's line. */
  append(offset: number, entry: number, nexts: Int32Array): void {
    if (this.#firsts[offset] === NONE) {
      this.#firsts[offset] = entry;
      this.#filled[offset >>> 5] = (this.#filled[offset >>> 5] ?? 0) | (1 << (offset & 31));
    } else nexts[this.#lasts[offset] ?? 0] = entry;
    this.#lasts[offset] = entry;
  }

  /** Takes the first of a line that has one. */
  take(offset: number, nexts: Int32Array): number {
    const entry = this.#firsts[offset] ?? NONE;
    const next = nexts[entry] ?? NONE;
    this.#firsts[offset] = next;
    if (next === NONE) this.#filled[offset >>> 5] = (this.#filled[offset >>> 5] ?? 0) & ~(1 << (offset & 31));
    return entry;
  }

  /** The first millisecond, not before this one, that has a line. */
  firstFrom(offset: number): number | undefined {
    let word = offset >>> 5;
    let bits = (this.#filled[word] ?? 0) & (-1 << (offset & 31));
    while (bits === 0 && ++word < this.#filled.length) bits = this.#filled[word] ?? 0;
    return bits === 0 ? undefined : word * WORD_BITS + 31 - Math.clz32(bits & -bits);
  }
}
