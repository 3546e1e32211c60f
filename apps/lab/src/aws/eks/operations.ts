import type { Clock } from "@slash28/ports";
import type { AnyRestOperation } from "../rest-json/index.ts";
import { accessEntryOperations } from "./access/entry-operations.ts";
import { identityProviderOperations } from "./access/identity-provider-operations.ts";
import { accessPolicyOperations } from "./access/policy-operations.ts";
import { addonOperations } from "./addons/addon-operations.ts";
import { CATALOGUE_OPERATIONS } from "./addons/catalogue-operations.ts";
import { clusterOperations } from "./clusters/cluster-operations.ts";
import { versionOperations } from "./clusters/version-operations.ts";
import type { EksContext } from "./context.ts";
import { associationOperations } from "./pod-identity/association-operations.ts";
import { tagOperations } from "./tags/tag-operations.ts";
import { updatesOperations } from "./updates/update-operations.ts";

/** Every operation of EKS that is not about node groups. */
export function eksOperations(context: EksContext, clock: Pick<Clock, "now">): readonly AnyRestOperation[] {
  return [
    ...clusterOperations(context),
    ...versionOperations(clock),
    ...updatesOperations(context),
    ...addonOperations(context),
    ...CATALOGUE_OPERATIONS,
    ...associationOperations(context),
    ...accessEntryOperations(context),
    ...accessPolicyOperations(context),
    ...identityProviderOperations(context),
    ...tagOperations(context),
  ];
}
