import type { KubeObject } from "@slash28/ports";
import type { Condition } from "./pod.ts";
import type { CountOrPercent, LabelSelector } from "./workload.ts";

/** policy/v1 */
export interface DisruptionBudget extends KubeObject {
  readonly spec: {
    readonly minAvailable?: CountOrPercent;
    readonly maxUnavailable?: CountOrPercent;
    /** Absent: selects nothing; empty: everything in its namespace. */
    readonly selector?: LabelSelector;
    readonly unhealthyPodEvictionPolicy?: string;
  };
  readonly status?: DisruptionBudgetStatus;
}

export interface DisruptionBudgetStatus {
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly observedGeneration?: number;
  /** Pods whose eviction was granted and whose end has not been seen: name → when. */
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly conditions?: readonly (Condition & { readonly observedGeneration?: number })[];
}
