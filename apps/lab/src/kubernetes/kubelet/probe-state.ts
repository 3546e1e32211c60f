import type { Probe } from "./pod.ts";

/** A probe's view of a container: what it holds for true, and how many results in a row say otherwise. */
export interface ProbeState {
  readonly isPassing: boolean;
  readonly contrary: number;
}

/** Takes in one result; the view turns when enough results in a row speak against it. */
export function afterProbe(state: ProbeState, isSuccess: boolean, probe: Pick<Probe, "successThreshold" | "failureThreshold">): ProbeState {
  if (isSuccess === state.isPassing) return { ...state, contrary: 0 };
  const contrary = state.contrary + 1;
  const threshold = isSuccess ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return contrary >= threshold ? { isPassing: isSuccess, contrary: 0 } : { ...state, contrary };
}
