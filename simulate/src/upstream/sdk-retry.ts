import { Fault, type Clock } from "@slash28/ports";
import type { Random } from "@slash28/simulation";

/** What a call to AWS goes through. */
export type AwsCall = <T>(api: string, send: () => Promise<T>) => Promise<T>;

const ATTEMPTS = 3;
const BACKOFF_CAP_MS = 20_000;

/** The AWS SDK's standard retry mode: 3 attempts in all, full jitter on 1 s doubling; only throttling and transport errors are tried again. */
export function sdkStandardRetry(clock: Clock, random: Random): AwsCall {
  return async (_api, send) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send();
      } catch (cause) {
        const isRetryable = cause instanceof Fault && (cause.code === "EC2_THROTTLED" || cause.code === "EC2_UNREACHABLE");
        if (!isRetryable || attempt >= ATTEMPTS) throw cause;
        await clock.sleep(random.next() * Math.min(BACKOFF_CAP_MS, 1_000 * 2 ** (attempt - 1)));
      }
    }
  };
}

/** Tries again as upstream's own loops do: the pause doubles up to a minute, and jitter is only ever added. */
export async function retryWithBackoff<T>(
  clock: Clock,
  random: Random,
  plan: { readonly firstMs: number; readonly jitter: number; readonly tries: number },
  attempt: () => Promise<T>,
): Promise<T> {
  let pauseMs = plan.firstMs;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (cause) {
      if (!(cause instanceof Fault) || tries >= plan.tries) throw cause;
      await clock.sleep(pauseMs * (1 + plan.jitter * random.next()));
      pauseMs = Math.min(60_000, pauseMs * 2);
    }
  }
}
