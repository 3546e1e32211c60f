import type { FaultKind } from "./fault-kinds.ts";

/** One run, as a replay command gives it. */
export interface RunPlan {
  readonly seed: number;
  readonly steps: number;
  readonly faults: readonly FaultKind[];
  /** The steps that may ask or break something; in all others only time passes. Absent: all of them. */
  readonly only?: readonly number[];
}

/** At which step a run broke an invariant, and what the runtime or a fault did before; `undefined` when nothing broke. */
export interface Failure {
  readonly step: number;
  readonly acts: readonly number[];
}

/**
 * A smaller run that fails in the same way: fewer kinds of faults, then fewer acts, then no step after the failure. Each step draws its
 * choices from a stream of its own, so leaving one out leaves the others as they were.
 * @param tries how many runs it may cost.
 */
export async function minimise(plan: RunPlan, run: (plan: RunPlan) => Promise<Failure | undefined>, tries = 200): Promise<RunPlan> {
  let best = plan;
  const budget = { left: tries };
  const attempt = async (candidate: RunPlan): Promise<boolean> => {
    if (budget.left-- <= 0) return false;
    const failure = await run(candidate);
    if (failure === undefined) return false;
    best = { ...candidate, steps: failure.step, ...(candidate.only === undefined ? {} : { only: failure.acts }) };
    return true;
  };
  await attempt(plan);
  for (const kind of plan.faults) await attempt({ ...best, faults: best.faults.filter((each) => each !== kind) });
  const failure = budget.left-- > 0 ? await run(best) : undefined;
  if (failure === undefined) return best;
  if (!(await attempt({ ...best, only: failure.acts }))) return best;
  for (let size = Math.ceil(failure.acts.length / 2); size >= 1 && budget.left > 0; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let end = best.only?.length ?? 0; end > 0 && budget.left > 0; end -= size) {
      const acts = best.only ?? [];
      await attempt({ ...best, only: acts.filter((_, index) => index < end - size || index >= end) });
    }
  return best;
}

/** Steps as a short list: `3,17-20`. */
export function formatSteps(steps: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < steps.length; i++) {
    const first = steps[i];
    while (i + 1 < steps.length && steps[i + 1] === (steps[i] ?? 0) + 1) i++;
    parts.push(first === steps[i] ? `${first}` : `${first}-${steps[i]}`);
  }
  return parts.join(",");
}

/** Reads such a list; `undefined` when it is none. */
export function parseSteps(text: string): readonly number[] | undefined {
  const steps: number[] = [];
  for (const part of text.split(",")) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim());
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first || last - first > 1_000_000) return undefined;
    for (let step = first; step <= last; step++) steps.push(step);
  }
  return steps;
}
