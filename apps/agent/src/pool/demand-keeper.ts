import { decodeDemand, encodeDemand, type DemandMemory } from "@slash28/ipam";
import type { Clock, Journal, Log } from "@slash28/ports";
import type { Node } from "../node.ts";

/** What was learned since is lost with the machine's power, and nothing else. */
const KEEP_EVERY_MS = 300_000;

export interface DemandKeeper {
  /** Takes over what an earlier agent of the node had learned, if there is something of use. */
  recall(): Promise<void>;
  /** Writes what is known now. */
  keep(): Promise<void>;
  /** Writes now and then. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * What the adaptive warm policy has learned, on disk, so that a new agent need not learn it anew. It is of use, not of need: pods never wait for it, what
 * cannot be read is begun anew, and what cannot be written is tried again.
 */
export function createDemandKeeper(
  node: Node,
  file: Journal | undefined,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): DemandKeeper {
  const { demand } = node.ledger;
  const name = node.identity.instanceId;
  const beginsAnew = (why: string): void => log.warn("what was learned of the node's pods is of no use; it is learned anew", { why });

  /** What is there must not be written over before it was read. */
  let isRecalled = false;

  async function recall(): Promise<void> {
    if (demand === undefined || file === undefined) return;
    await readInto(demand, file);
    isRecalled = true;
  }

  async function readInto(memory: DemandMemory, from: Journal): Promise<void> {
    try {
      const { entries, damage } = await from.load();
      const text = entries.at(-1);
      if (text === undefined && damage === undefined) return;
      const now = clock.now();
      const decoded =
        damage === undefined && text !== undefined ? decodeDemand(text, name, now) : { ok: false as const, why: damage ?? "it is empty" };
      if (!decoded.ok) return beginsAnew(decoded.why);
      memory.recall(decoded.value, now);
      log.info("what was learned of the node's pods is known again", { bytes: text?.length });
    } catch (cause) {
      beginsAnew(String(cause));
    }
  }

  async function keep(): Promise<void> {
    if (demand === undefined || file === undefined || !isRecalled) return;
    const now = clock.now();
    try {
      await file.rewrite([encodeDemand(demand.seen(now), name, now)]);
    } catch (cause) {
      log.warn("what was learned of the node's pods could not be written", { cause: String(cause) });
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    if (demand === undefined || file === undefined) return;
    while (!signal.aborted) {
      await clock.sleep(KEEP_EVERY_MS, signal);
      if (!signal.aborted) await keep();
    }
  }

  return { recall, keep, run };
}
