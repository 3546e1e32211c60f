import { bareReply } from "@slash28/cluster-dns";
import { askServer } from "@slash28/dns";
import type { Clock, Log } from "@slash28/ports";
import type { Handler } from "../ask.ts";

export interface LoopParts {
  readonly zone: string;
  readonly port: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** A question came back: the server would ask itself for ever. */
  readonly onLoop: (detail: string) => void;
}

export interface LoopWatch {
  readonly handler: (next: Handler) => Handler;
  /** Asks the question that must not come back; tries for 30 s until one goes out. */
  run(signal: AbortSignal): Promise<void>;
}

const SEEN_MAX = 2;
const TRIES = 30;

/** Finds a server that, through its upstreams, asks itself. https://coredns.io/plugins/loop/ */
export function createLoopWatch({ zone, port, clock, random, log, onLoop }: LoopParts): LoopWatch {
  const part = (): string => String(Math.floor(random() * 1e15));
  const probe = [part(), part(), zone].filter((label) => label !== "").join(".");
  let isOn = true;
  let seen = 0;
  return {
    handler: (next) => (ask) => {
      if (!isOn || ask.question.type !== "HINFO" || ask.question.name !== probe) return next(ask);
      if (++seen > SEEN_MAX) {
        onLoop(
          `a question for ${probe} came back: this server's upstreams lead to itself; look at the forward lines and at /etc/resolv.conf`,
        );
        return Promise.resolve(bareReply("SERVFAIL"));
      }
      return next(ask);
    },
    async run(signal) {
      for (let tries = 0; tries < TRIES && !signal.aborted; tries++) {
        try {
          await askServer({ address: "127.0.0.1", port }, { name: probe, type: "HINFO" }, { transport: "udp", timeoutMs: 2_000, random });
          break;
        } catch (cause) {
          log.warn("the loop's question was not answered", { detail: cause instanceof Error ? cause.message : String(cause) });
          await clock.sleep(1_000, signal);
        }
      }
      isOn = false;
    },
  };
}
