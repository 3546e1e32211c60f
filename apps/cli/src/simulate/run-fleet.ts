import { createFleet, type FleetInput, type FleetProgress, type FleetResult } from "@slash28/fleet";

export interface RunWatch {
  readonly onProgress: (progress: FleetProgress) => void;
  /** Asked between steps; once it is so, what is done so far is the result. */
  readonly isStopped: () => boolean;
}

/** Input that contradicts itself in a way only a run notices. */
export class RefusedFleet extends Error {}

/** A step takes about this long: short enough for Ctrl-C and a progress bar, long enough to cost nothing. */
const STEP_WALL_MS = 50;
const FIRST_STEP_MS = 1_000;
/** However quiet a fleet is, the next step may be the busy one. */
const STEPS_MIN = 1_000;

/** Runs a fleet and lets the process do other things meanwhile. How the run is cut into steps changes nothing in its result. */
export async function runFleet(input: FleetInput, { onProgress, isStopped }: RunWatch): Promise<FleetResult> {
  const fleet = beginFleet(input);
  const longestMs = Math.max(1, input.durationMs / STEPS_MIN);
  let stepMs = Math.min(FIRST_STEP_MS, longestMs);
  while (!fleet.isOver && !isStopped()) {
    const began = performance.now();
    fleet.advance(fleet.nowMs + stepMs);
    const tookMs = Math.max(0.1, performance.now() - began);
    stepMs = Math.min(longestMs, Math.max(1, stepMs * Math.min(2, Math.max(0.25, STEP_WALL_MS / tookMs))));
    onProgress(fleet.progress());
    await new Promise((resolve) => setImmediate(resolve));
  }
  return fleet.result();
}

function beginFleet(input: FleetInput): ReturnType<typeof createFleet> {
  try {
    return createFleet(input);
  } catch (cause) {
    throw cause instanceof RangeError ? new RefusedFleet(cause.message) : cause;
  }
}
