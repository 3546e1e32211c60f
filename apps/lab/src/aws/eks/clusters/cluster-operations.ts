import type {
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClusterRequest,
  DescribeClusterResponse,
  ListClustersRequest,
  ListClustersResponse,
  Logging,
  UpdateClusterConfigRequest,
  UpdateClusterConfigResponse,
  UpdateClusterVersionRequest,
  UpdateClusterVersionResponse,
} from "@aws-sdk/client-eks";
import { page } from "@slash28/eks";
import { restOperation, RestError, type AnyRestOperation } from "../../rest-json/index.ts";
import { act, answer, clusterOf, type EksContext } from "../context.ts";
import { wireUpdate } from "../updates/wire-update.ts";
import { wireCluster } from "./wire-cluster.ts";

export function clusterOperations(context: EksContext): readonly AnyRestOperation[] {
  const { eks } = context;
  return [
    restOperation<CreateClusterRequest, CreateClusterResponse>("CreateCluster", (input, call) => {
      refuseUnserved(input);
      const cluster = act(
        context,
        "createCluster",
        {
          name: input.name ?? "",
          roleArn: input.roleArn ?? "",
          version: input.version,
          vpcConfig: input.resourcesVpcConfig ?? {},
          networkConfig: input.kubernetesNetworkConfig,
          authenticationMode: input.accessConfig?.authenticationMode,
          isCreatorAdmin: input.accessConfig?.bootstrapClusterCreatorAdminPermissions,
          logTypes: enabledTypes(input.logging, []),
          supportType: input.upgradePolicy?.supportType,
          hasDeletionProtection: input.deletionProtection,
          hasSelfManagedAddons: input.bootstrapSelfManagedAddons,
          tags: input.tags,
          token: input.clientRequestToken,
        },
        call,
      );
      return { cluster: wireCluster(cluster, eks) };
    }),
    restOperation<DescribeClusterRequest, DescribeClusterResponse>("DescribeCluster", ({ name }) => ({
      cluster: wireCluster(clusterOf(context, name), eks),
    })),
    restOperation<ListClustersRequest, ListClustersResponse>("ListClusters", (input) => {
      const { items, ...rest } = answer(page(Object.keys(eks.state.clusters), (name) => name, input));
      return { clusters: [...items], ...rest };
    }),
    restOperation<DeleteClusterRequest, DeleteClusterResponse>("DeleteCluster", ({ name = "" }, call) => ({
      cluster: wireCluster(act(context, "deleteCluster", { name }, call), eks),
    })),
    ...updateOperations(context),
  ];
}

function updateOperations(context: EksContext): readonly AnyRestOperation[] {
  return [
    restOperation<UpdateClusterConfigRequest, UpdateClusterConfigResponse>("UpdateClusterConfig", (input, call) => {
      const { name = "" } = input;
      const update = act(
        context,
        "updateClusterConfig",
        {
          name,
          vpcConfig: input.resourcesVpcConfig,
          logTypes: input.logging === undefined ? undefined : enabledTypes(input.logging, clusterOf(context, name).logTypes),
          authenticationMode: input.accessConfig?.authenticationMode,
          supportType: input.upgradePolicy?.supportType,
          hasDeletionProtection: input.deletionProtection,
          token: input.clientRequestToken,
        },
        call,
      );
      return { update: wireUpdate(update) };
    }),
    restOperation<UpdateClusterVersionRequest, UpdateClusterVersionResponse>("UpdateClusterVersion", (input, call) => {
      const { name = "", version = "", clientRequestToken: token } = input;
      return { update: wireUpdate(act(context, "updateClusterVersion", { name, version, token }, call)) };
    }),
  ];
}

/** Log types that are on once the set-ups are applied in turn; the last that names a type counts. */
function enabledTypes(logging: Logging | undefined, before: readonly string[]): readonly string[] {
  const on = new Set<string>(before);
  for (const { types = [], enabled = false } of logging?.clusterLogging ?? []) {
    for (const type of types) {
      if (enabled) on.add(type);
      else on.delete(type);
    }
  }
  return [...on];
}

/** What a cluster of the lab cannot be is refused, rather than left out in silence. */
function refuseUnserved(input: CreateClusterRequest): void {
  const unserved = [
    input.outpostConfig === undefined ? undefined : "outpostConfig",
    input.computeConfig?.enabled === true ? "computeConfig (EKS Auto Mode)" : undefined,
    input.remoteNetworkConfig === undefined ? undefined : "remoteNetworkConfig (hybrid nodes)",
    (input.encryptionConfig ?? []).length > 0 ? "encryptionConfig" : undefined,
  ].find((name) => name !== undefined);
  if (unserved === undefined) return;
  throw new RestError("InvalidParameterException", `${unserved} is not available in this lab.`, 400, { clusterName: input.name });
}
