export { configurationValues } from "./addons/configuration-text.ts";
export { issuerUrl } from "./clusters/wire-cluster.ts";
export { NO_NODE_GROUPS, type EksContext, type NodeGroupSide } from "./context.ts";
export { createEksService } from "./eks-service.ts";
export { eksOperations } from "./operations.ts";
export { nodegroupOperations, type NodegroupContext } from "./nodegroups/index.ts";
export { wireUpdate } from "./updates/wire-update.ts";
