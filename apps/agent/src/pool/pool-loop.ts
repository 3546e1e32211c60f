import { AGENT_PACE } from "@slash28/ipam";
import type { Clock, Log } from "@slash28/ports";
import type { Turn } from "./turn-pool.ts";

export interface PoolLoopOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly turn: () => Promise<Turn>;
  /** Looks at EC2 and the metadata service again; `force` when something was found to differ. */
  readonly observe: (force: boolean) => Promise<void>;
  /** Whether pods wait: then a wake-up counts at once. */
  readonly isUrgent: () => boolean;
  /** Ends the program: a bug. */
  readonly onBug: (cause: unknown) => void;
}

export interface PoolLoop {
  /** Demand changed; cheap, may be called for every pod. */
  wake(): void;
  /** No further turn starts; resolves when the running one is over. */
  stop(): Promise<void>;
}

/** Turns the pool, one turn at a time: by timer, and on demand. A fault's own delay is kept, whatever the demand. */
export function startPoolLoop(options: PoolLoopOptions): PoolLoop {
  const { clock } = options;
  let bell = new AbortController();
  let isAwake = false;
  const stopped = new AbortController();

  const pause = async (ms: number, isFirm: boolean): Promise<void> => {
    const until = clock.now() + ms;
    if (isFirm) return clock.sleep(ms, stopped.signal);
    if (!isAwake) await clock.sleep(ms, bell.signal);
    if (isAwake && !options.isUrgent()) await clock.sleep(Math.min(AGENT_PACE.settleMs, Math.max(0, until - clock.now())), stopped.signal);
  };

  async function run(): Promise<void> {
    let observedAt = clock.now();
    let isStale = false;
    let isCrowded = false;
    while (!stopped.signal.aborted) {
      if (isStale || isCrowded || clock.now() - observedAt >= AGENT_PACE.observeEveryMs) {
        await options.observe(isStale);
        observedAt = clock.now();
      }
      isAwake = false;
      bell = new AbortController();
      const turn = await options.turn();
      isStale = turn.isStale;
      isCrowded = turn.isCrowded ?? false;
      if (turn.nextInMs > 0) await pause(turn.nextInMs, turn.fault !== undefined);
      else await clock.sleep(0);
    }
  }

  const running = run().catch(options.onBug);
  return {
    wake() {
      isAwake = true;
      bell.abort();
    },
    async stop() {
      stopped.abort();
      bell.abort();
      await running;
    },
  };
}
