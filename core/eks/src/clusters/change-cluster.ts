import { findCluster, withCluster, type Decide } from "../call.ts";
import { inUse, invalidParameter, invalidRequest } from "../errors.ts";
import { rememberReply } from "../replies.ts";
import { ok, refuse, type EksError, type EksResult } from "../result.ts";
import type { ClusterRecord, UpdateRecord } from "../state.ts";
import { earlierUpdate, findUpdate, newUpdate } from "../updates.ts";
import { kubernetesVersion, minorOf } from "../versions.ts";
import { isMode } from "./create-cluster.ts";
import { logTypesFault } from "./log-types.ts";
import { changedVpcConfig, type VpcConfigInput } from "./vpc-config.ts";

export interface UpdateConfigInput {
  readonly name: string;
  readonly vpcConfig?: VpcConfigInput | undefined;
  /** Log types that are on after it; absent: as before. */
  readonly logTypes?: readonly string[] | undefined;
  readonly authenticationMode?: string | undefined;
  readonly supportType?: string | undefined;
  readonly hasDeletionProtection?: boolean | undefined;
  readonly token?: string | undefined;
}

interface Change {
  readonly type: string;
  readonly params: readonly (readonly [type: string, value: string])[];
  readonly after: ClusterRecord;
}

/** One kind of change per request, as EKS takes them; the update runs until `finishClusterUpdate`. */
export const updateClusterConfig: Decide<UpdateConfigInput, UpdateRecord> = (state, input, call) => {
  const found = findCluster(state, input.name);
  if (!found.ok) return found;
  const { token, ...parameters } = input;
  const request = { operation: "UpdateClusterConfig", token, parameters };
  const earlier = earlierUpdate(found.value, request);
  if (!earlier.ok) return earlier;
  if (earlier.value !== undefined) return ok({ state, value: earlier.value });
  const busy = busyFault(found.value);
  if (busy !== undefined) return refuse(busy);
  const changes = [vpcChange, logChange, modeChange, supportChange, protectionChange].map((change) => change(found.value, input, call));
  const refused = changes.find((change) => change !== undefined && !change.ok);
  if (refused !== undefined && !refused.ok) return refused;
  const wanted = changes.flatMap((change) => (change?.ok === true ? [change.value] : []));
  const [change] = wanted;
  if (change === undefined) return refuse(invalidRequest("The request must contain a change of the cluster's configuration"));
  if (wanted.length > 1) {
    return refuse(invalidParameter("Only one type of update can be allowed.", { clusterName: input.name }));
  }
  const update = newUpdate(call, change.type, change.params);
  const cluster = rememberReply({ ...change.after, status: "UPDATING", updates: [...found.value.updates, update] }, request, update.id);
  return ok({ state: withCluster(state, cluster), value: update });
};

type ChangeOf = (
  cluster: ClusterRecord,
  input: UpdateConfigInput,
  call: Parameters<typeof updateClusterConfig>[2],
) => EksResult<Change> | undefined;

const vpcChange: ChangeOf = (cluster, { vpcConfig }, call) => {
  if (vpcConfig === undefined) return undefined;
  const after = changedVpcConfig(cluster.vpc, vpcConfig, call, cluster.network.ipFamily === "ipv6");
  if (!after.ok) return after;
  const { endpointPrivateAccess, endpointPublicAccess, publicAccessCidrs, subnetIds, securityGroupIds } = after.value;
  const isOfNetwork = vpcConfig.subnetIds !== undefined || vpcConfig.securityGroupIds !== undefined;
  if (JSON.stringify(after.value) === JSON.stringify(cluster.vpc)) {
    const access = `endpointPrivateAccess: ${endpointPrivateAccess}, endpointPublicAccess: ${endpointPublicAccess}`;
    return refuse(
      invalidParameter(
        `Cluster is already at the desired configuration with ${access}, and Public Endpoint Restrictions: [${publicAccessCidrs.join(", ")}]`,
        { clusterName: cluster.name },
      ),
    );
  }
  return ok({
    type: isOfNetwork ? "VpcConfigUpdate" : "EndpointAccessUpdate",
    params: isOfNetwork
      ? [
          ["SubnetIds", JSON.stringify(subnetIds)],
          ["SecurityGroups", JSON.stringify(securityGroupIds)],
        ]
      : [
          ["EndpointPublicAccess", String(endpointPublicAccess)],
          ["EndpointPrivateAccess", String(endpointPrivateAccess)],
          ["PublicAccessCidrs", JSON.stringify(publicAccessCidrs)],
        ],
    after: { ...cluster, vpc: after.value },
  });
};

const logChange: ChangeOf = (cluster, { logTypes }) => {
  if (logTypes === undefined) return undefined;
  const fault = logTypesFault(logTypes);
  if (fault !== undefined) return refuse(fault);
  const after = [...new Set(logTypes)].toSorted();
  if (JSON.stringify(after) === JSON.stringify(cluster.logTypes)) {
    return refuse(invalidParameter("No changes needed for the logging config provided", { clusterName: cluster.name }));
  }
  return ok({ type: "LoggingUpdate", params: [["ClusterLogging", JSON.stringify(after)]], after: { ...cluster, logTypes: after } });
};

/** One way only: from the ConfigMap towards the API (EKS User Guide, "Change authentication mode"). */
const modeChange: ChangeOf = (cluster, { authenticationMode: wanted }) => {
  if (wanted === undefined) return undefined;
  const fields = { clusterName: cluster.name };
  if (!isMode(wanted)) {
    return refuse(invalidParameter(`authenticationMode must be one of [API, API_AND_CONFIG_MAP, CONFIG_MAP], and is ${wanted}`, fields));
  }
  const { authenticationMode: present } = cluster;
  if (wanted === present)
    return refuse(invalidParameter("Unsupported authentication mode update: the cluster has this mode already", fields));
  const isAllowed = (present === "CONFIG_MAP" && wanted === "API_AND_CONFIG_MAP") || (present === "API_AND_CONFIG_MAP" && wanted === "API");
  if (!isAllowed) return refuse(invalidParameter(`Unsupported authentication mode update from ${present} to ${wanted}`, fields));
  return ok({ type: "AccessConfigUpdate", params: [["AuthenticationMode", wanted]], after: { ...cluster, authenticationMode: wanted } });
};

const supportChange: ChangeOf = (cluster, { supportType }) => {
  if (supportType === undefined) return undefined;
  if (supportType !== "STANDARD" && supportType !== "EXTENDED") {
    return refuse(invalidParameter(`supportType must be one of [STANDARD, EXTENDED], and is ${supportType}`));
  }
  return ok({
    type: "UpgradePolicyUpdate",
    params: [["UpgradePolicy", JSON.stringify({ supportType })]],
    after: { ...cluster, supportType },
  });
};

const protectionChange: ChangeOf = (cluster, { hasDeletionProtection: wanted }) =>
  wanted === undefined
    ? undefined
    : ok({
        type: "DeletionProtectionUpdate",
        params: [["DeletionProtection", String(wanted)]],
        after: { ...cluster, hasDeletionProtection: wanted },
      });

/** A new control plane version: the next minor one, never an older one. */
export const updateClusterVersion: Decide<
  { readonly name: string; readonly version: string; readonly token?: string | undefined },
  UpdateRecord
> = (state, input, call) => {
  const found = findCluster(state, input.name);
  if (!found.ok) return found;
  const { token, ...parameters } = input;
  const request = { operation: "UpdateClusterVersion", token, parameters };
  const earlier = earlierUpdate(found.value, request);
  if (!earlier.ok) return earlier;
  if (earlier.value !== undefined) return ok({ state, value: earlier.value });
  const fault = busyFault(found.value) ?? versionFault(found.value, input.version);
  if (fault !== undefined) return refuse(fault);
  const version = kubernetesVersion(input.version);
  const update = newUpdate(call, "VersionUpdate", [
    ["Version", input.version],
    ["PlatformVersion", version?.platformVersion ?? ""],
  ]);
  const cluster: ClusterRecord = { ...found.value, status: "UPDATING", updates: [...found.value.updates, update] };
  return ok({ state: withCluster(state, rememberReply(cluster, request, update.id)), value: update });
};

function versionFault(cluster: ClusterRecord, wanted: string): EksError | undefined {
  const fields = { clusterName: cluster.name };
  if (kubernetesVersion(wanted) === undefined) return invalidParameter(`unsupported Kubernetes version ${wanted}`, fields);
  if (wanted === cluster.version) return invalidParameter(`Cluster is already at Kubernetes version ${wanted}`, fields);
  if (minorOf(wanted) === minorOf(cluster.version) + 1) return undefined;
  return invalidParameter(`Unsupported Kubernetes minor version update from ${cluster.version} to ${wanted}`, fields);
}

/** A cluster does one thing at a time. */
export function busyFault(cluster: ClusterRecord): EksError | undefined {
  if (cluster.status === "ACTIVE") return undefined;
  const fields = { clusterName: cluster.name };
  if (cluster.status === "UPDATING") {
    return inUse(`Cannot perform this operation because cluster ${cluster.name} currently has an update in progress`, fields);
  }
  return inUse(`Cannot perform this operation because cluster ${cluster.name} is in ${cluster.status} status`, fields);
}

/** What an update of the cluster came to. A new version counts from here on. */
export const finishClusterUpdate: Decide<{ readonly name: string; readonly updateId: string }, UpdateRecord> = (state, input) => {
  const found = findCluster(state, input.name);
  if (!found.ok) return found;
  const update = findUpdate(found.value, input.updateId);
  if (!update.ok) return update;
  const done: UpdateRecord = { ...update.value, status: "Successful" };
  const version = update.value.type === "VersionUpdate" ? update.value.params.find(({ type }) => type === "Version")?.value : undefined;
  const cluster: ClusterRecord = {
    ...found.value,
    ...(version === undefined ? {} : { version }),
    status: found.value.status === "UPDATING" ? "ACTIVE" : found.value.status,
    updates: found.value.updates.map((one) => (one.id === done.id ? done : one)),
  };
  return ok({ state: withCluster(state, cluster), value: done });
};
