import type { OwnerReference } from "@slash28/ports";
import { ownerReferenceTo } from "../objects/index.ts";
import type { Claim, Pod, StatefulSet } from "../objects/index.ts";

export interface ClaimObserved {
  readonly set: StatefulSet;
  readonly claim: Claim;
  /** The pod the claim belongs to, when its number is no longer wanted and it still runs. */
  readonly goingPod: Pod | undefined;
}

/**
 * A claim's owners as the retention policy has them: the set, so that both go together; the pod that is scaled away; or nobody.
 * `undefined`: they are as they should be. Owners of other kinds stay.
 */
export function claimOwners({ set, claim, goingPod }: ClaimObserved): readonly OwnerReference[] | undefined {
  const { whenDeleted = "Retain", whenScaled = "Retain" } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const before = claim.metadata.ownerReferences ?? [];
  const others = before.filter(({ kind }) => kind !== "StatefulSet" && kind !== "Pod");
  const owner = goingPod !== undefined && whenScaled === "Delete" ? goingPod : whenDeleted === "Delete" ? set : undefined;
  const wanted = owner === undefined ? others : [...others, ownerReferenceTo(owner)];
  const isSame = wanted.length === before.length && wanted.every(({ uid }) => before.some((one) => one.uid === uid));
  return isSame ? undefined : wanted;
}
