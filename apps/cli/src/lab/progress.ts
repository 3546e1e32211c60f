import { spinner } from "@clack/prompts";
import type { Terminal } from "../output/index.ts";

/** What is being done, on stderr: a spinner for a person, a line per step for a log. */
export interface Progress {
  step(text: string): void;
  done(): void;
  fail(): void;
}

/** @param ends what a person reads in the end: when it is done, and when it failed */
export function createProgress(terminal: Terminal, ends = { done: "the lab runs", failed: "the lab did not start" }): Progress {
  const live = process.stderr.isTTY && terminal.isTty ? spinner({ output: process.stderr }) : undefined;
  let current: string | undefined;
  return {
    step: (text) => {
      if (text === current) return;
      if (live === undefined) terminal.err(text);
      else if (current === undefined) live.start(text);
      else live.message(text);
      current = text;
    },
    done: () => {
      if (current !== undefined) live?.stop(ends.done);
    },
    fail: () => {
      if (current !== undefined) live?.stop(ends.failed);
    },
  };
}
