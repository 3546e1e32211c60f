export { keyText, type Millis, type PodOwner, type Reservation, type SandboxKey } from "./reservation.ts";
export type { BlockKind, BlockView, EniView, PoolView, Tally } from "./pool-view.ts";
export type { Carry, GrowReason, IdleReason, PoolPlan, ShrinkReason } from "./pool-plan.ts";
export {
  afterRefusal,
  afterSuccess,
  mostToAsk,
  NO_REFUSALS,
  type Capacity,
  type CapacityRefusal,
  type CapacityScope,
  type RefusedScope,
} from "./capacity.ts";
export { blockKindOf, nodeFacts, type NodeFacts } from "./node-facts.ts";
export type { AgentSettings, EniSettings, HostSettings, PoolSettings, Settings } from "./settings.ts";
