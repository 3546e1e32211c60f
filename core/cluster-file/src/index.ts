export { clusterFileSchema, clusterFileJsonSchema, type ClusterFile, type ClusterFileInput } from "./schema.ts";
export { checkClusterFile, type CheckedClusterFile, type ClusterFileProblem } from "./check.ts";
export { defaultCluster } from "./default-cluster.ts";
