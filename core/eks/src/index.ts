export { ACCESS_POLICIES, accessPolicy, clusterRoleOf, CLUSTER_ADMIN_POLICY, type AccessPolicy } from "./access/policies.ts";
export { findEntry, withApiMode } from "./access/entries.ts";
export { accessEntryGroup, clusterUserOf, configMapUserOf, type ClusterUser, type ConfigMapMapping } from "./access/who.ts";
export type { ConfigurationInput } from "./addons/addon-actions.ts";
export { findAddon } from "./addons/addon-actions.ts";
export { addonsToRepair, addonTasks, REPAIR_INTERVAL_MS, type AddonTask } from "./addons/addon-work.ts";
export {
  ADDONS,
  addonNamed,
  defaultVersionOf,
  isCompatible,
  isDefault,
  skippedMinors,
  type Addon,
  type AddonVersion,
} from "./addons/catalogue.ts";
export { planApply, type ApplyPlan, type ApplyReason, type FieldConflict } from "./addons/conflicts.ts";
export { parseFieldPath, withoutField } from "./addons/field-paths.ts";
export { configurationSchemaOf, type ConfigurationSchema } from "./addons/schemas.ts";
export { configurationFaults } from "./addons/validate-configuration.ts";
export { canonicalArn, parsePrincipal, type Principal } from "./arns.ts";
export { findCluster, type EksCall, type EksNetwork, type EksPlace } from "./call.ts";
export { LOG_TYPES } from "./clusters/log-types.ts";
export { createEks, type Eks, type EksActionName, type EksInput, type EksOptions, type EksOutput } from "./eks.ts";
export { given, type Given } from "./given.ts";
export { associationOf, findAssociation } from "./identity/associations.ts";
export { page, type Page, type PageRequest } from "./paging.ts";
export { EKS_ERROR_STATUS, type EksError, type EksErrorCode, type EksResult } from "./result.ts";
export type * from "./state.ts";
export { tagsOf } from "./tags.ts";
export { findUpdate, newUpdate, updatesOf } from "./updates.ts";
export { DEFAULT_VERSION, KUBERNETES_VERSIONS, kubernetesVersion, millisOf, supportOf, type KubernetesVersion } from "./versions.ts";
