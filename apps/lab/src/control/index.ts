export { controlClient, ControlError, type ControlClient } from "./control-client.ts";
export { serveControl, type ControlHandlers } from "./control-server.ts";
export { FAULT_KINDS, FAULT_SECONDS_MAX, type FaultKind, type LabFault } from "./lab-faults.ts";
export { defaultRunDir, labPaths, type LabPaths } from "./lab-paths.ts";
export { isAlive, readRecord, startTicksOf, writeRecord, type LabRecord } from "./lab-record.ts";
export type { DataPlane, LabEndpoints, LabStatus, NodeStatus, SubnetStatus } from "./lab-status.ts";
export type { EvidenceFile, NodeEvidence } from "./node-evidence.ts";
export type { NodePool } from "./node-pool.ts";
export type { Attempt, VerifyReport } from "./verify-report.ts";
