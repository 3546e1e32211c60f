export type {
  Affinity,
  Condition,
  Container,
  NodeSelectorTerm,
  Pod,
  PodSpec,
  PodStatus,
  PodTemplate,
  Quantities,
  Requirement,
  Toleration,
} from "./pod.ts";
export type { Lease, Node, Taint } from "./node.ts";
export type { ActiveJob, CronJob, CronJobStatus, FailureRule, Job, JobSpec, JobStatus, SuccessRule } from "./batch.ts";
export type { DisruptionBudget, DisruptionBudgetStatus } from "./disruption.ts";
export type { StatefulSet, StatefulSetStatus } from "./stateful-set.ts";
export type { Claim, PersistentVolume, StorageClass } from "./storage.ts";
export type {
  ControllerRevision,
  CountOrPercent,
  DaemonSet,
  DaemonSetStatus,
  Deployment,
  DeploymentStatus,
  LabelSelector,
  ReplicaSet,
  ReplicaSetStatus,
} from "./workload.ts";
export type { Endpoint, EndpointAddress, EndpointPort, Endpoints, EndpointSlice, EndpointSubset, Service, ServicePort } from "./service.ts";
export { matchesLabels, matchesSelector, meetsRequirement } from "./selectors.ts";
export { containerPorts, hasEnded, isActive, isAvailable, availableInMs } from "./pod-state.ts";
export { conditionOf, isReady, withCondition } from "./conditions.ts";
export { controllerOf, isControlledBy, ownerReferenceTo } from "./owners.ts";
export { scaledCount } from "./count-or-percent.ts";
export { canonicalJson, sameJson, shortHash, randomSuffix } from "./hashes.ts";
export { timeOf, timeText } from "./times.ts";
