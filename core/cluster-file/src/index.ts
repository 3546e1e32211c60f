export {
  clusterFileSchema,
  clusterFileJsonSchema,
  type ClusterChange,
  type ClusterFile,
  type ClusterFileInput,
  type ClusterNodeGroup,
  type ClusterShape,
  type ClusterSubnet,
} from "./schema.ts";
export { checkClusterFile, type CheckedClusterFile } from "./check.ts";
export type { ClusterFileProblem } from "./problem.ts";
export { defaultCluster } from "./default-cluster.ts";
export { durationMs, parseDuration } from "./schema/duration.ts";
export { parseRate, ratePerHour } from "./schema/rate.ts";
export { countOf } from "./schema/share.ts";
export { cidrSchema, nameSchema, problemsOfIssue, shapeError, shareSchema } from "./parts.ts";
