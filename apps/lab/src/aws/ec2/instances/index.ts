export { describeInstances } from "./describe-instances.ts";
export { runInstances } from "./run-instances.ts";
export { modifyInstanceMetadataOptions, startInstances, stopInstances, terminateInstances } from "./change-instances.ts";
export { describeInstanceStatus } from "./instance-status.ts";
export { describeInstanceAttribute, modifyInstanceAttribute, rebootInstances } from "./instance-attribute.ts";
