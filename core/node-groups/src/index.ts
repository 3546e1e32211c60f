export { refusal, unknownGroup, type Changed, type Decided, type NodegroupCall, type TemplateVersion, type TemplateWish } from "./call.ts";
export * from "./nodegroup.ts";
export {
  deriveLaunch,
  nodeLabels,
  roleName,
  type CniSettings,
  type DerivedLaunch,
  type DeriveOptions,
  type NodesCluster,
} from "./launch/derive-launch.ts";
export type { NodeAction, NodeView } from "./nodes/node-view.ts";
export { EVICTION_TIMEOUT_MS, unavailableMax } from "./nodes/plan-roll.ts";
export { LEAVE_TIMEOUT_MS } from "./nodes/plan-steady.ts";
export { JOIN_TIMEOUT_MS, launchIssue, rollFailed, turnGroup, type LaunchFault, type Observed, type Turned } from "./nodes/turn-group.ts";
export { createNodegroup, type CreateNodegroupInput } from "./operations/create-group.ts";
export {
  deleteNodegroup,
  updateNodegroupConfig,
  updateNodegroupVersion,
  type UpdateConfigInput,
  type UpdateVersionInput,
} from "./operations/update-group.ts";
