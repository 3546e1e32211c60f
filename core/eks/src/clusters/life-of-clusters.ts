import { findCluster, withCluster, without, type Decide } from "../call.ts";
import { inUse, invalidRequest } from "../errors.ts";
import { ok, refuse } from "../result.ts";
import type { ClusterConnection, ClusterRecord, HealthIssue } from "../state.ts";

/** Begins the end of a cluster; it is gone with `clusterGone`. */
export const deleteCluster: Decide<{ readonly name: string }, ClusterRecord> = (state, { name }, call) => {
  const found = findCluster(state, name);
  if (!found.ok) return found;
  const cluster = found.value;
  const fields = { clusterName: name };
  if (call.nodeGroups(name).length > 0) return refuse(inUse("Cluster has nodegroups attached", fields));
  if (cluster.hasDeletionProtection) {
    return refuse(invalidRequest(`Cluster ${name} has deletion protection on; turn it off with update-cluster-config first`, fields));
  }
  if (cluster.status === "UPDATING") {
    return refuse(inUse(`Cannot delete because cluster ${name} currently has an update in progress`, fields));
  }
  if (cluster.status === "CREATING") return refuse(inUse(`Cannot delete because cluster ${name} is being created`, fields));
  const deleting: ClusterRecord = { ...cluster, status: "DELETING" };
  return ok({ state: withCluster(state, deleting), value: deleting });
};

/** The control plane runs. */
export const clusterStarted: Decide<
  { readonly name: string; readonly connection: ClusterConnection; readonly clusterSecurityGroupId: string },
  ClusterRecord
> = (state, { name, connection, clusterSecurityGroupId }) => {
  const found = findCluster(state, name);
  if (!found.ok) return found;
  const status = found.value.status === "CREATING" || found.value.status === "FAILED" ? "ACTIVE" : found.value.status;
  const cluster: ClusterRecord = { ...found.value, status, connection, clusterSecurityGroupId, health: [] };
  return ok({ state: withCluster(state, cluster), value: cluster });
};

/** The control plane could not be brought up. */
export const clusterFailed: Decide<{ readonly name: string; readonly issue: HealthIssue }, ClusterRecord> = (state, { name, issue }) => {
  const found = findCluster(state, name);
  if (!found.ok) return found;
  const cluster: ClusterRecord = { ...found.value, status: "FAILED", health: [issue] };
  return ok({ state: withCluster(state, cluster), value: cluster });
};

/** Nothing of it is left. */
export const clusterGone: Decide<{ readonly name: string }, void> = (state, { name }) =>
  ok({ state: { ...state, clusters: without(state.clusters, name) }, value: undefined });
