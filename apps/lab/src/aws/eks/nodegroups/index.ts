export { nodegroupOperations, type NodegroupContext } from "./nodegroup-operations.ts";
export { wireGroupUpdate } from "./wire-nodegroup.ts";
