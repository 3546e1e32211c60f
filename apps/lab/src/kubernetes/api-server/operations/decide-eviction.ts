import {
  at,
  fieldsOf,
  forbidden,
  labelSelectorOf,
  listOf,
  matchesLabels,
  numberOf,
  textOf,
  type ApiFailure,
  type KubeObject,
} from "@slash28/kube-store";

import { timeText } from "../time-text.ts";

export type EvictionDecision =
  /** No budget has a say. */
  | { readonly kind: "delete" }
  /** The budget as it is once this pod is counted against it. */
  | { readonly kind: "spend"; readonly budget: KubeObject }
  | { readonly kind: "refuse"; readonly failure: ApiFailure };

export interface EvictionObserved {
  readonly pod: KubeObject;
  /** Those of the pod's namespace. */
  readonly budgets: readonly KubeObject[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Evictions that one budget's controller may have yet to confirm; as upstream. */
const UNCONFIRMED_MAX = 2_000;
const RETRY_SECONDS = 10;

/** Whether a pod may be evicted now. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */
export function decideEviction({ pod, budgets, now }: EvictionObserved): EvictionDecision {
  const phase = textOf(at(pod, "status", "phase"));
  const isSpare = phase === "Succeeded" || phase === "Failed" || phase === "Pending" || pod.metadata.deletionTimestamp !== undefined;
  const [budget, another] = isSpare ? [] : budgets.filter((one) => covers(one, pod));
  if (budget === undefined) return { kind: "delete" };
  if (another !== undefined) {
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    return { kind: "refuse", failure: { code: 500, reason: "InternalError", message } };
  }
  if (!isReady(pod) && mayGoUnhealthy(budget)) return { kind: "delete" };
  const failure = refusalOf(budget);
  return failure === undefined ? { kind: "spend", budget: spent(budget, pod, now) } : { kind: "refuse", failure };
}

function covers(budget: KubeObject, pod: KubeObject): boolean {
  const selector = labelSelectorOf(at(budget, "spec", "selector"));
  return selector !== undefined && matchesLabels(selector, pod.metadata.labels);
}

function isReady(pod: KubeObject): boolean {
  return listOf(at(pod, "status", "conditions")).some((one) => at(one, "type") === "Ready" && at(one, "status") === "True");
}

/** A pod that does not serve costs the budget nothing, at the latest while the others suffice. */
function mayGoUnhealthy(budget: KubeObject): boolean {
  if (at(budget, "spec", "unhealthyPodEvictionPolicy") === "AlwaysAllow") return true;
  const desired = statusCount(budget, "desiredHealthy");
  return desired > 0 && statusCount(budget, "currentHealthy") >= desired;
}

function statusCount(budget: KubeObject, field: string): number {
  return numberOf(at(budget, "status", field)) ?? 0;
}

function refusalOf(budget: KubeObject): ApiFailure | undefined {
  const { name, generation = 0 } = budget.metadata;
  if (statusCount(budget, "observedGeneration") < generation) {
    return tooMany(`The disruption budget ${name} is still being processed by the server.`, RETRY_SECONDS);
  }
  const allowed = statusCount(budget, "disruptionsAllowed");
  const resource = "poddisruptionbudgets.policy";
  if (allowed < 0) return forbidden(resource, name, "pdb disruptions allowed is negative");
  if (Object.keys(fieldsOf(at(budget, "status", "disruptedPods"))).length > UNCONFIRMED_MAX) {
    return forbidden(resource, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (allowed > 0) return undefined;
  const sync = listOf(at(budget, "status", "conditions")).find((one) => at(one, "reason") === "SyncFailed");
  // Without a time to wait: a client that is given one waits silently instead of saying what holds it up.
  if (sync !== undefined) {
    const why = textOf(at(sync, "message")) ?? "";
    return tooMany(`The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${why}`);
  }
  const needs = statusCount(budget, "desiredHealthy");
  return tooMany(`The disruption budget ${name} needs ${needs} healthy pods and has ${statusCount(budget, "currentHealthy")} currently`);
}

function tooMany(why: string, retryAfterSeconds?: number): ApiFailure {
  return {
    code: 429,
    reason: "TooManyRequests",
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [{ reason: "DisruptionBudget", message: why }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  };
}

/** The pod is noted until the budget's controller has seen it go, so that no other takes its place meanwhile. */
function spent(budget: KubeObject, pod: KubeObject, now: number): KubeObject {
  const status = fieldsOf(budget["status"]);
  const disruptedPods = { ...fieldsOf(status["disruptedPods"]), [pod.metadata.name]: timeText(now) };
  return { ...budget, status: { ...status, disruptionsAllowed: statusCount(budget, "disruptionsAllowed") - 1, disruptedPods } };
}
