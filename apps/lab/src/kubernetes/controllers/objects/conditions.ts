import type { Condition } from "./pod.ts";

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether a pod or a node is ready. */
export function isReady({ status }: { readonly status?: { readonly conditions?: readonly Condition[] } }): boolean {
  return conditionOf(status?.conditions, "Ready")?.status === "True";
}

/**
 * The conditions with one of them set. `lastTransitionTime` stays when the status does; a condition that says the same
 * already stays as it is, so that setting it again changes nothing.
 * @param isNews report it again although it says the same: its `lastUpdateTime` counts.
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  next: Condition,
  time: string,
  isNews = false,
): readonly Condition[] {
  const before = conditionOf(conditions, next.type);
  if (
    !isNews &&
    before !== undefined &&
    before.status === next.status &&
    before.reason === next.reason &&
    before.message === next.message
  ) {
    return conditions ?? [];
  }
  const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? time) : time;
  const set = { ...next, lastTransitionTime };
  if (before === undefined) return [...(conditions ?? []), set];
  return (conditions ?? []).map((condition) => (condition.type === next.type ? set : condition));
}
