import type { Clock } from "@slash28/ports";
import type { ProbeResult } from "./container-runtime.ts";
import type { Probe } from "./pod.ts";
import { afterProbe } from "./probe-state.ts";
import type { ProbeState } from "./probe-state.ts";

export interface ProbeWatch {
  readonly probe: Probe;
  /** What holds before the first result: live until proven dead, not ready until proven ready. */
  readonly startsPassing: boolean;
  readonly run: () => Promise<ProbeResult>;
  /** A result that speaks against the container. */
  readonly onFailure: (output: string) => void;
  /** The view turned. */
  readonly onTurn: (isPassing: boolean) => void;
}

/** Probes until the signal. */
export async function watchProbe(watch: ProbeWatch, clock: Clock, signal: AbortSignal): Promise<void> {
  const { probe } = watch;
  let state: ProbeState = { isPassing: watch.startsPassing, contrary: 0 };
  await clock.sleep((probe.initialDelaySeconds ?? 0) * 1_000, signal);
  while (!signal.aborted) {
    const result = await watch
      .run()
      .catch((error: unknown): ProbeResult => ({ isSuccess: false, output: error instanceof Error ? error.message : String(error) }));
    if (signal.aborted) return;
    if (!result.isSuccess) watch.onFailure(result.output);
    const before = state;
    state = afterProbe(state, result.isSuccess, probe);
    if (state.isPassing !== before.isPassing) watch.onTurn(state.isPassing);
    await clock.sleep((probe.periodSeconds ?? 10) * 1_000, signal);
  }
}
