import type { EniId } from "@slash28/address";
import type { PoolPlan } from "@slash28/ipam";
import type { FaultCode } from "@slash28/ports";
import type { Node } from "../node.ts";

/** Which faults a plan that was carried out shows to be over, and of what; without an object: whatever it was. */
export function whatWorks(
  { ledger }: Pick<Node, "ledger">,
  plan: PoolPlan,
): readonly { readonly code: FaultCode; readonly object: string | undefined }[] {
  const subnetOf = (eni: EniId): string => ledger.eni(eni)?.facts.subnetId ?? "";
  switch (plan.kind) {
    case "assign-addresses":
      return [{ code: "SUBNET_FULL", object: subnetOf(plan.eni) }];
    case "assign-prefixes":
      return [
        { code: "SUBNET_FULL", object: subnetOf(plan.eni) },
        { code: "SUBNET_FRAGMENTED", object: subnetOf(plan.eni) },
      ];
    case "create-eni":
      return [
        { code: "INSTANCE_ENI_LIMIT", object: undefined },
        { code: "ENI_CONFIG_UNUSABLE", object: undefined },
      ];
    default:
      return [];
  }
}
