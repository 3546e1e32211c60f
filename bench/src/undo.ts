interface Step {
  readonly what: string;
  readonly work: () => unknown;
}

/** What must be taken back, last made first: at the end of a benchmark, and on Ctrl-C at any moment. */
export class Undo {
  #steps: Step[] = [];
  readonly #complain: (text: string) => void;

  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  add(what: string, work: () => unknown): void {
    this.#steps.push({ what, work });
  }

  /** Takes everything back; a step that fails is told of and the others go on. Running it twice is fine. */
  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.work();
      } catch (cause) {
        this.#complain(`could not clean up ${step.what}: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
  }
}
