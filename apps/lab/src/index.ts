export {
  controlClient,
  ControlError,
  defaultRunDir,
  faultOrderSchema,
  FAULT_SECONDS_MAX,
  type FaultKind,
  type FaultOrder,
  type LabEvent,
  type LabFault,
  isAlive,
  labPaths,
  readRecord,
  runDirOfNamesake,
  stateRecord,
  type Attempt,
  type ControlClient,
  type ClusterStatus,
  type DataPlane,
  type IamMode,
  type LabEndpoints,
  type LabPaths,
  type LabStatus,
  type EvidenceFile,
  type NodeEvidence,
  type NodePool,
  type NodeStatus,
  type SubnetStatus,
  type VerifyReport,
} from "./control/index.ts";
export { collectEvidence, type EvidenceOptions } from "./evidence/index.ts";
export { answerAtSocket } from "./supervisor/ask-agent.ts";
export { readKeptLab, type KeptLab } from "./state/index.ts";
export { checkHost, type HostCheck, type HostFacts } from "./host-check/index.ts";
export { HEAP_FLAGS } from "./heap-flags.ts";
