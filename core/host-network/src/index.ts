export type { PodWiring, EniWiring, HostWiring, SnatSettings } from "./pod-wiring.ts";
export type {
  AddressItem,
  LinkItem,
  NeighbourItem,
  NetworkItem,
  NetworkState,
  NftablesItem,
  RouteItem,
  RuleItem,
  SysctlItem,
} from "./network-items.ts";
export { MAIN_TABLE, PRIORITY } from "./priorities.ts";
export { asFound, podState, type PodState } from "./pod-state.ts";
export { planHost, type HostPlan } from "./host-plan.ts";
export { natTable, replaceTableCommands } from "./nat-table.ts";
export { difference, describeChange, describeMissing, placeOf, type Change } from "./difference.ts";
export { renderItem, renderState } from "./render.ts";
export { createModelKernel, type ModelKernel, type Refuse } from "./model-kernel.ts";
