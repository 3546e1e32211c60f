export { describeInstances } from "./describe-instances.ts";
export { runInstances } from "./run-instances.ts";
export { modifyInstanceMetadataOptions, startInstances, stopInstances, terminateInstances } from "./change-instances.ts";
