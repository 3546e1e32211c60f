export type { Diagnosis } from "./diagnose.ts";
export { diagnose, diagnosing, findingsIn } from "./diagnose.ts";
export type { EffectStep } from "./effect/with-effects.ts";
export type { PlannedEffect } from "./effect/planned-effect.ts";
export { doctorPod, type PodDiagnosis } from "./doctor-pod.ts";
export type { PodStep, PodStepId } from "./pod-steps.ts";
export type { FixEffect, SecondsInterval, SimulatedEffect, StatedEffect, SubnetEffect, UnknownEffect } from "./effect.ts";
export { SEVERITIES, type Evidence, type Finding, type FindingObject, type Fix, type Severity } from "./finding.ts";
export { forecast, type FreeCount, type Outlook, type SubnetForecast } from "./forecast.ts";
export type { Check } from "./findings/check.ts";
export { CHECKS, checkNamed } from "./findings/index.ts";
export { snapshotOf, type SnapshotDocument, type SnapshotNotice, type SnapshotRead } from "./snapshot/documents.ts";
export { missing, type MissingPart } from "./snapshot/missing.ts";
export { PARTS, type PartSpec } from "./snapshot/parts.ts";
export type { Snapshot, SnapshotPart } from "./snapshot/snapshot.ts";
export type { Needs } from "./plan/needs.ts";
export { checkNeeds, needsJsonSchema, type CheckedNeeds } from "./plan/needs-file.ts";
export { MODES, type ModeTraits, type PlanMode } from "./plan/mode.ts";
export type {
  Alternative,
  Plan,
  Planned,
  PlannedEniConfig,
  PlannedIsolation,
  PlannedNodeGroup,
  PlannedSize,
  PlannedSubnet,
  Refusal,
  RunsOut,
  SizeAt,
  SubnetRole,
} from "./plan/plan-types.ts";
export { planAndProve, planCluster, type Proved } from "./plan/plan-cluster.ts";
export { isGood, provePlan, type Proof } from "./plan/prove-plan.ts";
export { clusterFileOf } from "./plan/cluster-file-of.ts";
export { refusedByEc2 } from "./plan/judge-by-ec2.ts";
export type { SeenEni, SeenInstance, SeenSubnet } from "./snapshot/aws-objects.ts";
export type { SeenNode, SeenPod } from "./snapshot/kubernetes-objects.ts";
export { planFiles } from "./plan/files/plan-files.ts";
export type { PlanFile } from "./plan/files/plan-file.ts";
