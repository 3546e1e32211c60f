export type { FleetEc2, FleetInput, FleetNodeGroup, FleetReservation, FleetScaling, FleetSubnet, OtherTenants } from "./fleet-input.ts";
export type {
  AddSubnetChange,
  FleetChange,
  RaiseEniQuotaChange,
  ReplaceNodesChange,
  ScaleGroupChange,
  SetEniConfigsChange,
  SetEnvChange,
} from "./fleet-change.ts";
export type { FleetStart, StartEni, StartHolding, StartNode } from "./fleet-start.ts";
export type {
  ActionCount,
  Ec2CallCounts,
  Exhaustion,
  ExhaustionReason,
  FleetResult,
  FleetSummary,
  HistogramBar,
  Ipv6Use,
  MapCell,
  NodeCounts,
  NodeGroupResult,
  PeakAndAverage,
  Percentiles,
  SeriesRow,
  SeriesSubnet,
  SubnetMap,
  SubnetResult,
} from "./fleet-result.ts";
export type {
  AutoscalingStormWorkload,
  BatchWorkload,
  CronBurstsWorkload,
  DeployWavesWorkload,
  DiurnalWorkload,
  Lifetime,
  PodEvent,
  PodEvents,
  RecordedChange,
  RecordedPod,
  RecordedPodsWorkload,
  RecordedWorkload,
  SteadyWorkload,
  Workload,
} from "./workloads/workload.ts";
export type { Fleet, FleetMoment, FleetProgress, NodeHolding } from "./fleet.ts";
export type { FleetWatch } from "./world.ts";
export { podEventsOf } from "./workloads/pod-events.ts";
export { fleetInputOf, type FleetFromFile, type FleetOverrides } from "./fleet-from-file.ts";
export type { FleetFileProblem } from "./from-file/file-problems.ts";
export { readCountsCsv, type CountsFromCsv, type CsvProblem } from "./recorded/counts-csv.ts";
export { readPodsJson, type PodsFromJson, type PodsOfCluster, type PodsProblem } from "./recorded/pods-json.ts";
export { createFleet, simulateFleet } from "./simulate-fleet.ts";
