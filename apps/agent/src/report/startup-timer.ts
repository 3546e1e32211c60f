import type { Metrics } from "@slash28/ports";

export interface StartupTimer {
  /** Runs what brings memory, kernel and EC2 together, and counts how long it took. */
  initialize(work: () => Promise<void>): Promise<void>;
  /** The agent serves pods, and its plugin is there. */
  serving(): void;
}

/** Counts how long a start takes, from the start of the process. `isConnected` says whether the API server was reached meanwhile. */
export function createStartupTimer(metrics: Metrics, isConnected: () => boolean): StartupTimer {
  const started = (success: boolean, failure_reason: string): void =>
    metrics.observe("awscni_ipamd_startup_duration_seconds", performance.now() / 1_000, {
      success: String(success),
      with_api_server: String(isConnected()),
      failure_reason,
    });
  return {
    async initialize(work) {
      const began = performance.now();
      let success = false;
      try {
        await work();
        success = true;
      } finally {
        const seconds = (performance.now() - began) / 1_000;
        metrics.observe("awscni_ipamd_node_initialization_duration_seconds", seconds, { success: String(success) });
        if (!success) started(false, "node_initialization");
      }
    },
    serving: () => started(true, ""),
  };
}
