export type { CancelSignal, Clock, Millis } from "./clock.ts";
export type { Log, LogFields } from "./log.ts";
export { FAULTS, Fault, type Blame, type FaultCode, type FaultFields, type FaultSpec } from "./fault.ts";
export type {
  Ec2,
  ConnectionTracking,
  Ec2Attachment,
  Ec2Eni,
  Ec2InstanceType,
  Ec2Subnet,
  CreateEniRequest,
  InstanceIdentity,
  Metadata,
  MetadataEni,
  Tags,
} from "./ec2.ts";
export { AWS_FAULTS, awsFaultCode, type AwsRefusal } from "./aws-fault-codes.ts";
export type { HostNetwork, ObservedPod } from "./host-network.ts";
export type { Journal, LoadedJournal } from "./journal.ts";
export type {
  DeleteOptions,
  Kube,
  KubeMeta,
  KubeObject,
  KubeResource,
  ListOptions,
  OwnerReference,
  PatchKind,
  PatchRequest,
  WatchEvent,
} from "./kube.ts";
export type { Labels, Metrics } from "./metrics.ts";
export { afterAnswer, afterSending, afterThrottling, fullBudget, maySendAt, type CallBudget } from "./call-budget.ts";
