import type { PodSession } from "./pod-session.ts";

/** How kubelet tells that a pod was active for too long, in its status and as an event. */
export const DEADLINE_EXCEEDED = {
  reason: "DeadlineExceeded",
  message: "Pod was active on the node longer than the specified deadline",
} as const;

/** Watches over a pod's `activeDeadlineSeconds`, which count from its start time. */
export interface PodDeadline {
  /** The pod may have another deadline now. */
  update(): void;
  /** It is over, or has no time limit any more: nothing will be ended. */
  stop(): void;
}

/** Calls `session.expire` when the pod's time is up. */
export function watchDeadline(session: PodSession): PodDeadline {
  const { clock } = session.parts;
  let waiting: AbortController | undefined;
  let seconds: number | undefined;
  let isStopped = false;
  const wait = async (untilMs: number, stop: AbortController): Promise<void> => {
    await clock.sleep(Math.max(0, untilMs - clock.now()), stop.signal);
    if (!stop.signal.aborted) session.expire();
  };
  return {
    update() {
      const { activeDeadlineSeconds } = session.pod.spec;
      if (isStopped || activeDeadlineSeconds === seconds) return;
      waiting?.abort();
      seconds = activeDeadlineSeconds;
      if (seconds === undefined) return;
      waiting = new AbortController();
      void wait(Date.parse(session.startTime) + seconds * 1_000, waiting);
    },
    stop() {
      isStopped = true;
      waiting?.abort();
    },
  };
}
