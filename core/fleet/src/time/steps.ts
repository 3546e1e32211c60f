import type { EventQueue, Happening } from "./event-queue.ts";

/**
 * Work that takes time, written as one function: `yield` a number of milliseconds to wait so long. What is yielded as 0 goes on at once. This is
 * the agent's `await`, without promises: nothing runs between two events but what the queue says.
 */
export type Steps<T> = Generator<number, T, undefined>;

/** Begins the work now. `isVoid` is asked whenever it would go on: work of a node that is gone ends there, and `done` is not called. */
export function begin<T>(queue: EventQueue, steps: Steps<T>, done: (value: T) => void, isVoid: () => boolean = never): void {
  const resume: Happening = {
    fire() {
      for (;;) {
        if (isVoid()) return;
        const step = steps.next();
        if (step.done === true) return done(step.value);
        if (step.value > 0) return queue.in(step.value, resume);
      }
    },
  };
  resume.fire();
}

function never(): boolean {
  return false;
}
