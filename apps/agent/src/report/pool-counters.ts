import type { PoolPlan } from "@slash28/ipam";
import type { Fault, Metrics } from "@slash28/ports";

/** What `awscni_ipamd_action_inprogress` names. */
export type Action = "nodeInit" | "increaseDatastorePool" | "decreaseDatastorePool" | "nodeIPPoolReconcile";

type Step = Exclude<PoolPlan["kind"], "idle">;

const ACTIONS: Readonly<Record<Step, Action>> = {
  "assign-addresses": "increaseDatastorePool",
  "assign-prefixes": "increaseDatastorePool",
  "create-eni": "increaseDatastorePool",
  unassign: "decreaseDatastorePool",
  "release-eni": "decreaseDatastorePool",
};

/** Upstream's names of what failed (`awscni_ipamd_error_count`). */
const FAILED: Readonly<Record<Step, string>> = {
  "assign-addresses": "increaseIPPoolAllocIPAddressesFailed",
  "assign-prefixes": "increaseIPPoolAllocIPAddressesFailed",
  "create-eni": "increaseIPPoolAllocENI",
  unassign: "decreaseIPPool",
  "release-eni": "decreaseIPPoolFreeENIFailed",
};

/** Shows an action as being in progress while it is. */
export async function whileInProgress<T>(metrics: Metrics, fn: Action, work: () => Promise<T>): Promise<T> {
  metrics.set("awscni_ipamd_action_inprogress", 1, { fn });
  try {
    return await work();
  } finally {
    metrics.set("awscni_ipamd_action_inprogress", 0, { fn });
  }
}

/** Which action a plan's step is. */
export function actionOf(step: Step): Action {
  return ACTIONS[step];
}

/** Counts a step that a fault stopped, by the step and, where upstream tells it apart, by what went wrong in it. */
export function countFailure(metrics: Metrics, step: Step, fault: Fault): void {
  const more = detailsOf(step, fault);
  for (const fn of [FAILED[step], ...more]) metrics.add("awscni_ipamd_error_count", { fn });
}

function detailsOf(step: Step, fault: Fault): readonly string[] {
  if (step === "create-eni" && fault.fields["code"] === "NoLink")
    return ["waitENIAttachedMaxRetryExceeded", "increaseIPPoolwaitENIAttachedFailed"];
  if (fault.code !== "KERNEL_REFUSED") return [];
  return step === "create-eni" ? ["increaseIPPoolsetupENIFailed"] : ["freeENIDeleteRulesFailed"];
}
