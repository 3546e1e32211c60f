export { nodegroupOperations, type NodegroupContext } from "./nodegroup-operations.ts";
