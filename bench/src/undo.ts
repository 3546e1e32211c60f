interface Step {
  readonly what: string;
  readonly work: () => unknown;
}

/** What must be taken back, last made first: at the end of a benchmark, and on Ctrl-C at any moment. */
export class Undo {
  #steps: Step[] = [];
  #isOver = false;
  readonly #complain: (text: string) => void;

  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  /** After {@link run} there is nothing to wait for: the thing is taken back at once, and its maker is stopped by an error. */
  add(what: string, work: () => unknown): void {
    this.#steps.push({ what, work });
    if (!this.#isOver) return;
    void this.run();
    throw new Error(`interrupted: ${what} is not needed any more`);
  }

  /** Takes everything back; a step that fails is told of and the others go on. Running it twice is fine. */
  async run(): Promise<void> {
    this.#isOver = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.work();
      } catch (cause) {
        this.#complain(`could not clean up ${step.what}: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
  }
}
