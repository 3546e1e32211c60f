import { runContainer } from "./container-loop.ts";
import type { Sandbox } from "./container-runtime.ts";
import type { PodSession } from "./pod-session.ts";

export interface EphemeralRuns {
  /** Ends those that run; resolves when they have ended. */
  stop(): Promise<void>;
}

/**
 * Runs the containers that people add to a pod to look into it (`kubectl debug`), as they come: each once, whatever becomes of it, beside
 * the others and before the pod is initialized (kubelet's computePodActions).
 */
export function runEphemeralContainers(session: PodSession, sandbox: Sandbox, stop: AbortSignal): EphemeralRuns {
  const over = new AbortController();
  const ends = AbortSignal.any([stop, over.signal]);
  const runs: Promise<unknown>[] = [];
  const look = (): void => {
    if (ends.aborted) return;
    for (const container of session.takeNewEphemerals()) {
      runs.push(runContainer({ session, sandbox, container, role: "ephemeral", stop: ends }));
    }
  };
  const unlisten = session.onUpdate(look);
  look();
  return {
    async stop() {
      unlisten();
      over.abort();
      await Promise.all(runs);
    },
  };
}
