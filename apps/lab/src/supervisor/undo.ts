import type { Log } from "@slash28/ports";
import { textOf } from "./failure-text.ts";

const STEP_TIMEOUT_MS = 10_000;

/** What to take away, last made first. A step that fails or hangs is told to the log and does not stop the others. */
export class Undo {
  private readonly steps: { readonly what: string; readonly work: () => Promise<void> | void }[] = [];
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  add(what: string, work: () => Promise<void> | void): void {
    this.steps.push({ what, work });
  }

  async run(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      const { what, work } = step;
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`took longer than ${STEP_TIMEOUT_MS / 1000} s`)), STEP_TIMEOUT_MS);
      });
      try {
        await Promise.race([Promise.resolve(work()), tooLong]);
      } catch (cause) {
        this.log.warn("could not take a part of the lab down properly", {
          part: what,
          detail: textOf(cause),
        });
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
