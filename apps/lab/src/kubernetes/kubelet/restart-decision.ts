import type { Pod } from "./pod.ts";

export type ContainerRole = "init" | "sidecar" | "main" | "ephemeral";

/** Whether a container that ended runs again. */
export function isRestarted(policy: Pod["spec"]["restartPolicy"], role: ContainerRole, exitCode: number): boolean {
  if (role === "sidecar") return true;
  if (role === "ephemeral") return false;
  if (role === "init") return exitCode !== 0 && policy !== "Never";
  return (policy ?? "Always") === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

/** How long the next start waits. Kept by the caller between ends of one container. */
export interface CrashBackOff {
  /** What the next restart waits; 0 for the first. */
  readonly nextMs: number;
}

/** The first and the longest wait of a back-off. */
export interface CrashWaits {
  readonly first: number;
  readonly max: number;
}

/** With a longest wait of an operator's: one below the first wait takes its place, as kubelet's `crashLoopBackOff` has it. */
export function withLongestWait(waits: CrashWaits, maxMs: number | undefined): CrashWaits {
  return maxMs === undefined ? waits : { first: Math.min(waits.first, maxMs), max: maxMs };
}

export const NO_CRASH: CrashBackOff = { nextMs: 0 };

/**
 * After an end: the first restart is immediate, then first, twice that, and so on up to the longest. A container that ran
 * for twice the longest time starts over.
 */
export function afterEnd(now: CrashBackOff, ranMs: number, waits: CrashWaits): { readonly waitMs: number; readonly next: CrashBackOff } {
  const waitMs = ranMs >= 2 * waits.max ? 0 : now.nextMs;
  return { waitMs, next: { nextMs: waitMs === 0 ? waits.first : Math.min(waitMs * 2, waits.max) } };
}
