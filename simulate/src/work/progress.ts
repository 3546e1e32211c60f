export interface ProgressOptions {
  /** What is counted: `seeds`. */
  readonly of: string;
  readonly total: number;
  readonly write: (text: string) => void;
  /** Whether a line may be written over. */
  readonly isTerminal: boolean;
  /** Milliseconds since any fixed time. */
  readonly now: () => number;
}

/** Nothing is said of work that is over sooner. */
const QUIET_MS = 1_000;
const TERMINAL_EVERY_MS = 250;
const LINE_EVERY_MS = 10_000;
const CLEAR = "\r\u001B[K";

/** Tells on stderr how far long work is, and how long the rest may take. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #startedAt: number;
  #saidAt: number;
  #done = 0;
  #steps = 0;
  #isLineOpen = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    this.#saidAt = this.#startedAt + QUIET_MS - this.#everyMs;
  }

  /** One more is done. */
  done(steps: number): void {
    this.#done++;
    this.#steps += steps;
    const now = this.#options.now();
    if (now - this.#saidAt < this.#everyMs) return;
    this.#saidAt = now;
    const text = this.#text(now - this.#startedAt);
    this.#isLineOpen = this.#options.isTerminal;
    this.#options.write(this.#isLineOpen ? `${CLEAR}${text}` : `${text}\n`);
  }

  /** Says something on a line of its own. */
  say(text: string): void {
    this.end();
    this.#options.write(`${text}\n`);
  }

  /** Makes room for other output. */
  end(): void {
    if (this.#isLineOpen) this.#options.write(CLEAR);
    this.#isLineOpen = false;
  }

  get #everyMs(): number {
    return this.#options.isTerminal ? TERMINAL_EVERY_MS : LINE_EVERY_MS;
  }

  #text(tookMs: number): string {
    const { of, total } = this.#options;
    const left = Math.round((tookMs / this.#done) * (total - this.#done));
    const rate = Math.round(this.#steps / (tookMs / 1_000));
    return `${this.#done} of ${total} ${of}, ${this.#steps} steps, ${rate} a second, ${duration(left)} left`;
  }
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
