import { readFile } from "node:fs/promises";
import type { InstanceLimits } from "@slash28/limits";
import { Fault, type Clock, type Log } from "@slash28/ports";

/** Pods of a node whose kubelet has not said: every address of every ENI but the primary ones, and two pods on the host's network. */
export function maxPodsOf(limits: InstanceLimits): number {
  return limits.maxEnis * (limits.ipv4PerEni - 1) + 2;
}

/** Asks until there is an answer: without it the agent cannot work, and a restart would ask the same. `tell` hears of each failure. */
export async function untilKnown<T>(ask: () => Promise<T>, clock: Clock, log: Log, tell: (fault: Fault) => void): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
      tell(cause);
      log.warn("the start waits", { fault: cause.code, why: cause.message });
      await clock.sleep(cause.retryAfterMs ?? 2_000);
    }
  }
}

/** A file's text; `undefined` when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Fault("JOURNAL_UNREADABLE", { path, detail: String(cause) }, { cause });
  }
}
