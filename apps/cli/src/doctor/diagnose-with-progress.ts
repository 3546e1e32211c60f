import { setImmediate as others } from "node:timers/promises";
import { diagnosing, type Diagnosis, type SnapshotRead } from "@slash28/advisor";
import { createProgress } from "../lab/progress.ts";
import type { Terminal } from "../output/index.ts";

/** What takes longer is told on stderr while it goes on. */
const QUIET_MS = 1_000;

/** Diagnoses, and tells on stderr how far it is once it takes longer than a moment. */
export async function diagnoseWithProgress(
  terminal: Terminal,
  { snapshot, notices }: Pick<SnapshotRead, "snapshot" | "notices">,
  quietMs: number = QUIET_MS,
): Promise<Diagnosis> {
  const progress = createProgress(terminal, { done: "the fixes are simulated", failed: "the fixes could not be simulated" });
  const steps = diagnosing(snapshot, notices);
  const start = performance.now();
  try {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        progress.done();
        return step.value;
      }
      if (performance.now() - start < quietMs) continue;
      const { finding, run, runs } = step.value;
      progress.step(`simulating the fix of ${finding}: run ${run} of ${runs}`);
      await others();
    }
  } catch (cause) {
    progress.fail();
    throw cause;
  }
}
