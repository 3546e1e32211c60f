export type { ClusterSite } from "./cluster-site.ts";
export { clusterTag, joiningOf, type Joining, type LabNodeFacts } from "./node-facts.ts";
export { createOwnGroups, type OwnGroups, type OwnGroupsOptions } from "./own-groups.ts";
export { createNodeGroups, type NodeGroups, type NodeGroupsOptions } from "./node-groups.ts";
