export { keyText, podText, type BookedReservation, type Millis, type PodOwner, type Reservation, type SandboxKey } from "./reservation.ts";
export type { BlockKind, BlockView, EniView, FrozenReason, PoolView, Tally } from "./pool-view.ts";
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
export { Ledger } from "./ledger.ts";
export type { LedgerOptions, ViewOutside } from "./ledger-options.ts";
export type { PlaceResult, ReserveResult } from "./reserve-result.ts";
export type { LedgerEni } from "./block.ts";
export { isPrimaryEni, type InspectedBlock, type InspectedEni, type UsedAddress } from "./ledger-view.ts";
export { planIpv6Pool, type Ipv6Plan } from "./ipv6-pool.ts";
export { planPool } from "./plan-pool.ts";
export { YOUNG_ENI_MS } from "./plan-shrink.ts";
export { afterFault, capacityRefusalOf, type NextTurn, type RefusedPlan } from "./after-fault.ts";
export { AGENT_PACE, isTimeForOtherSubnets, isWithoutRoom } from "./agent-pace.ts";
export { targetsInForce, type TargetsInForce } from "./targets-in-force.ts";
export type { ForecastReason } from "./adaptive-targets.ts";
export { DemandMemory, type DemandForecast, type SeenByNode } from "./demand-memory.ts";
export { decodeDemand, encodeDemand, type DecodedDemand } from "./demand-codec.ts";
export { situationText } from "./situation.ts";
export { MAY_WAIT_SHARE, type SeenWaits } from "./wait-budget.ts";
export type { ExpectedBurst } from "./burst-times.ts";
export { parseSettings, type ParsedSettings } from "./parse-settings.ts";
export type { Override } from "./precedence.ts";
export { explainSettings, type ExplainedSetting, type ExplainedSettings, type SettingSource } from "./explain-settings.ts";
export { nearestName } from "./nearest-name.ts";
export { isReadOutsideSettings, unreadVariables, type UnreadVariable } from "./unread-variables.ts";
export { complaintText, settingComplaints, type SettingComplaint } from "./setting-complaints.ts";
export { isPodEniOn, keepsTrunkSlot } from "./trunk-slot.ts";
export { STOCK_MANIFEST } from "./stock-manifest.ts";
export type { Env, SettingNotice, SettingReading } from "./env-reader.ts";
export { hostLinkName, MAIN_TABLE, routeTableOf } from "./names.ts";
export { absencesIn, CONFIRM_AFTER_MS, listedInEither, rangesOf, type Absence, type ListedEni } from "./absences.ts";
export { EC2_LAG_MS, METADATA_LAG_MS, observe, type Observation, type Observed, type ObservedEni, type ObservePolicy } from "./observe.ts";
export { chooseSubnets, CNI_ROLE_TAG, excludedSubnets, type DescribedSubnet } from "./subnet-choice.ts";
export { INSTANCE_TAG, isManagedEni, NO_MANAGE_TAG, observedEni, type AttachedEniShape } from "./managed-eni.ts";
export {
  bookOf,
  BookReplay,
  replay,
  restoreBook,
  type Book,
  type CheckpointError,
  type Decoded,
  type JournalEntry,
  type Restored,
} from "./book.ts";
export { decodeEntries, decodeEntry, encodeEntry } from "./journal-codec.ts";
export { decodeUpstreamCheckpoint, encodeUpstreamCheckpoint } from "./upstream-checkpoint.ts";
export { planDefrag, type DefragPlan, type PinnedPrefix } from "./plan-defrag.ts";
export { readSnapshot, type PoolSnapshot, type SnapshotBlock, type SnapshotRead } from "./pool-snapshot.ts";
