import type { HealthIssue, ResolveConflicts } from "../state.ts";

/** A field EKS wants to set to one value and somebody else has set to another. */
export interface FieldConflict {
  /** The object as EKS names it: `DaemonSet.apps aws-node`. */
  readonly object: string;
  /** `.spec.template.spec.containers[name="aws-node"].env[name="WARM_ENI_TARGET"].value` */
  readonly field: string;
}

export type ApplyPlan =
  /** Apply by force, all but the fields in `leave`. */
  { readonly kind: "apply"; readonly leave: readonly FieldConflict[] } | { readonly kind: "refuse"; readonly issue: HealthIssue };

export type ApplyReason = "create" | "update" | "repair";

/**
 * What becomes of an add-on's objects where live ones differ (EKS API Reference, CreateAddon and UpdateAddon, `resolveConflicts`). A repair of
 * drift never takes a field from somebody who has set it: only an update with OVERWRITE does.
 */
export function planApply(reason: ApplyReason, resolve: ResolveConflicts, conflicts: readonly FieldConflict[]): ApplyPlan {
  if (conflicts.length === 0) return { kind: "apply", leave: [] };
  if (reason === "repair") return { kind: "apply", leave: conflicts };
  if (resolve === "OVERWRITE") return { kind: "apply", leave: [] };
  if (resolve === "PRESERVE" && reason === "update") return { kind: "apply", leave: conflicts };
  return { kind: "refuse", issue: conflictIssue(conflicts) };
}

function conflictIssue(conflicts: readonly FieldConflict[]): HealthIssue {
  const lines = conflicts.map(({ object, field }) => `${object} - ${field}`);
  const message = `Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\n${lines.join("\n")}`;
  return { code: "ConfigurationConflict", message, resourceIds: [] };
}
