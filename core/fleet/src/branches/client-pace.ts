/** A client that may send so many requests a second, and a few more at once: what the VPC resource controller holds each of its EC2 clients to. */
export class ClientPace {
  readonly #everyMs: number;
  readonly #burstMs: number;
  #paidUntil = 0;

  constructor({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
    this.#everyMs = 1_000 / perSecond;
    this.#burstMs = this.#everyMs * burst;
  }

  /** Books one request, and answers how long it has to wait. */
  book(now: number): number {
    this.#paidUntil = Math.max(this.#paidUntil, now) + this.#everyMs;
    return Math.max(0, this.#paidUntil - this.#burstMs - now);
  }
}
