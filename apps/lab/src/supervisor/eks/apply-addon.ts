import { planApply, withoutField, type AddonRecord, type ApplyReason, type FieldConflict, type HealthIssue } from "@slash28/eks";
import type { ApiServer } from "../../kubernetes/api-server/index.ts";
import { configurationValues } from "../../aws/eks/index.ts";
import type { Placed } from "../custom-resources.ts";
import type { AddonObjects, AddonValues } from "./addon-objects.ts";
import { applyAsEks, nameOf } from "./server-side-apply.ts";

/** The objects an add-on should have. */
export function objectsOf(addon: AddonRecord, make: AddonObjects): readonly Placed[] {
  const { version, serviceAccountRoleArn } = addon;
  return make({ version, values: configurationValues(addon.configurationValues ?? "") as AddonValues, serviceAccountRoleArn });
}

/**
 * Makes an add-on's objects what they should be. A dry run first finds what others have set; what then happens is the model's to say. Answers what
 * stood in the way; nothing was changed then.
 */
export async function applyAddon(
  api: Pick<ApiServer, "handle">,
  addon: AddonRecord,
  objects: readonly Placed[],
  reason: ApplyReason,
): Promise<readonly HealthIssue[]> {
  const conflicts: FieldConflict[] = [];
  for (const placed of objects) {
    const tried = await applyAsEks(api, placed, { isForced: false, isDryRun: true });
    if (tried.kind === "conflict") conflicts.push(...tried.fields.map((field) => ({ object: nameOf(placed), field })));
  }
  const mode = addon.work === undefined || addon.work.kind === "delete" ? "NONE" : addon.work.resolveConflicts;
  const plan = planApply(reason, mode, conflicts);
  if (plan.kind === "refuse") return [plan.issue];
  for (const placed of objects) {
    const left = plan.leave.filter(({ object }) => object === nameOf(placed));
    const object = left.reduce((rest, { field }) => withoutField(rest, field), placed.object);
    const applied = await applyAsEks(api, { ...placed, object }, { isForced: true, isDryRun: false });
    if (applied.kind === "refused") return [refusedIssue(placed, applied.status, applied.message)];
  }
  return [];
}

function refusedIssue(placed: Placed, status: number, message: string): HealthIssue {
  const code =
    status === 403
      ? "AccessDenied"
      : status === 404
        ? "K8sResourceNotFound"
        : status === 422 || status === 400
          ? "AdmissionRequestDenied"
          : "InternalFailure";
  return { code, message: `${nameOf(placed)}: ${message}`, resourceIds: [] };
}
