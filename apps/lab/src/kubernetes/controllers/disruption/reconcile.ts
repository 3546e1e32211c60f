import type { Millis } from "@slash28/ports";
import { isReady, timeText, withCondition } from "../objects/index.ts";
import type { Condition, DisruptionBudget, DisruptionBudgetStatus, Pod } from "../objects/index.ts";
import { expectedPods } from "./expected-pods.ts";
import type { FindOwner } from "./expected-pods.ts";

export interface BudgetObserved {
  readonly budget: DisruptionBudget;
  /** Those its selector matches that have not ended. */
  readonly pods: readonly Pod[];
  readonly find: FindOwner;
  readonly now: Millis;
}

export interface BudgetPlan {
  readonly status: DisruptionBudgetStatus;
  /** When a granted eviction that was not seen counts as not having happened. */
  readonly afterMs?: number;
}

/** How long a granted eviction may take to show; as upstream. */
const CONFIRM_MS = 2 * 60_000;

/** A budget's status: how many of its pods may go now. https://kubernetes.io/docs/tasks/run-application/configure-pdb/ */
export function reconcileBudget({ budget, pods, find, now }: BudgetObserved): BudgetPlan {
  const { disruptedPods, afterMs } = unconfirmed(budget, pods, now);
  const expected = expectedPods(budget, pods, find);
  const healthy = pods.filter((pod) => isHealthy(pod) && disruptedPods[pod.metadata.name] === undefined).length;
  const { generation } = budget.metadata;
  const conditions = (next: Condition): DisruptionBudgetStatus["conditions"] =>
    withCondition(budget.status?.conditions, next, timeText(now));
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  if (!expected.ok) {
    const before = budget.status ?? { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    const condition: Condition = { type: "DisruptionAllowed", status: "False", reason: "SyncFailed", message: expected.why };
    return { status: { ...before, disruptionsAllowed: 0, ...seen, conditions: conditions(condition) ?? [] } };
  }
  const allowed = expected.pods <= 0 ? 0 : Math.max(0, healthy - expected.healthy);
  const isAllowed = allowed > 0;
  const status: DisruptionBudgetStatus = {
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.pods,
    ...seen,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    conditions:
      conditions({
        type: "DisruptionAllowed",
        status: isAllowed ? "True" : "False",
        reason: isAllowed ? "SufficientPods" : "InsufficientPods",
        message: "",
      }) ?? [],
  };
  return afterMs === undefined ? { status } : { status, afterMs };
}

function isHealthy(pod: Pod): boolean {
  return isReady(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Granted evictions whose pods are still there and not on their way out. */
function unconfirmed(budget: DisruptionBudget, pods: readonly Pod[], now: Millis) {
  const disruptedPods: Record<string, string> = {};
  let afterMs: number | undefined;
  for (const pod of pods) {
    const since = budget.status?.disruptedPods?.[pod.metadata.name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const leftMs = Date.parse(since) + CONFIRM_MS - now;
    if (!(leftMs > 0)) continue;
    disruptedPods[pod.metadata.name] = since;
    afterMs = Math.min(afterMs ?? leftMs, leftMs);
  }
  return { disruptedPods, afterMs };
}
