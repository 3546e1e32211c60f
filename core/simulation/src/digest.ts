/** A running checksum of a trace: equal traces, equal digests. 53 bits, not for secrets. */
export class Digest {
  #a = 0xdeadbeef | 0;
  #b = 0x41c6ce57 | 0;

  add(text: string): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      b = Math.imul(b ^ unit, 0x5f356495);
    }
    this.#a = Math.imul(a ^ (a >>> 15), 0x85ebca6b);
    this.#b = Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  }

  get hex(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
