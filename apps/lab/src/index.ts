export {
  controlClient,
  ControlError,
  defaultRunDir,
  isAlive,
  labPaths,
  readRecord,
  type Attempt,
  type ControlClient,
  type DataPlane,
  type LabEndpoints,
  type LabPaths,
  type LabStatus,
  type NodeStatus,
  type SubnetStatus,
  type VerifyReport,
} from "./control/index.ts";
export { checkHost, type HostCheck, type HostFacts } from "./host-check/index.ts";
