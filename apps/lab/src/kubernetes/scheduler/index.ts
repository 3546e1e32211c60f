export { startScheduler, type Scheduler, type SchedulerPorts } from "./scheduler.ts";
export { pickNode, type Pick, type PickRequest } from "./pick-node.ts";
export type { NodeLoad } from "./node-load.ts";
