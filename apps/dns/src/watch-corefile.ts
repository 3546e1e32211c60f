import type { BlockSettings } from "@slash28/cluster-dns";
import type { CancelSignal, Clock, Log } from "@slash28/ports";

export interface ReadCorefile {
  readonly text: string;
  readonly blocks: readonly BlockSettings[];
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: CancelSignal;
  readonly log: Log;
  readonly first: ReadCorefile;
  /** What the file says now, or what is wrong with it. */
  readonly read: () => ReadCorefile | string;
  readonly use: (blocks: readonly BlockSettings[]) => Promise<void>;
  readonly onFailure: () => void;
}

/** Looks at the Corefile again and again, as its `reload` lines say; a broken one is told of and left alone. Ends with the signal. */
export async function watchCorefile({ clock, random, signal, log, first, read, use, onFailure }: WatchOptions): Promise<void> {
  let current = first;
  let refused = "";
  for (;;) {
    const reload = current.blocks.find((block) => block.reload !== undefined)?.reload;
    if (reload === undefined) return;
    await clock.sleep(reload.intervalMs + random() * reload.jitterMs, signal);
    if (signal.aborted) return;
    const found = read();
    if (typeof found !== "string" && found.text === current.text) continue;
    try {
      if (typeof found === "string") throw new Error(found);
      await use(found.blocks);
      current = found;
      refused = "";
      log.info("the new Corefile is served");
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      onFailure();
      if (detail !== refused) log.error("the new Corefile is not used; the old one stays in force", { detail });
      refused = detail;
    }
  }
}
