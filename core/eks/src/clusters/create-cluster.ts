import { clusterArn } from "../arns.ts";
import { withCluster, type Decide, type EksCall, type EksPlace } from "../call.ts";
import { inUse, invalidParameter, limitExceeded } from "../errors.ts";
import { creatorEntry } from "../access/creator-entry.ts";
import { earlierReply, rememberReply } from "../replies.ts";
import { ok, refuse, type EksError } from "../result.ts";
import type { AuthenticationMode, ClusterRecord, Tags } from "../state.ts";
import { tagFault } from "../tag-rules.ts";
import { DEFAULT_VERSION, kubernetesVersion } from "../versions.ts";
import { logTypesFault } from "./log-types.ts";
import { newNetworkConfig, type NetworkConfigInput } from "./network-config.ts";
import { newVpcConfig, type VpcConfigInput } from "./vpc-config.ts";

export interface CreateClusterInput {
  readonly name: string;
  readonly roleArn: string;
  readonly version?: string | undefined;
  readonly vpcConfig: VpcConfigInput;
  readonly networkConfig?: NetworkConfigInput | undefined;
  readonly authenticationMode?: string | undefined;
  readonly isCreatorAdmin?: boolean | undefined;
  readonly logTypes?: readonly string[] | undefined;
  readonly supportType?: string | undefined;
  readonly hasDeletionProtection?: boolean | undefined;
  /** Whether `aws-node`, `kube-proxy` and `coredns` come with it; yes when absent. */
  readonly hasSelfManagedAddons?: boolean | undefined;
  readonly tags?: Tags | undefined;
  readonly token?: string | undefined;
}

/** EKS quota "Clusters" (L-1194D53C). */
const CLUSTERS_MAX = 100;
const NAME = /^[0-9A-Za-z][\w-]{0,99}$/;
const ROLE = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** A cluster that is being created: its control plane comes when whoever runs it reports back (`clusterStarted`). */
export const createCluster: Decide<CreateClusterInput, ClusterRecord> = (state, input, call, place) => {
  const { token, ...parameters } = input;
  const request = { operation: "CreateCluster", token, parameters };
  const known = Object.hasOwn(state.clusters, input.name) ? state.clusters[input.name] : undefined;
  if (known !== undefined) {
    const earlier = earlierReply(known, request);
    if (!earlier.ok) return earlier;
    if (earlier.value !== undefined) return ok({ state, value: known });
    return refuse(inUse(`Cluster already exists with name: ${input.name}`, { clusterName: input.name }));
  }
  const fault = formFault(input) ?? logTypesFault(input.logTypes ?? []) ?? tagFault(input.tags ?? {});
  if (fault !== undefined) return refuse(fault);
  if (Object.keys(state.clusters).length >= CLUSTERS_MAX) {
    return refuse(limitExceeded(`You already have the maximum number of clusters: ${CLUSTERS_MAX}`));
  }
  const vpc = newVpcConfig(input.vpcConfig, call, input.networkConfig?.ipFamily === "ipv6");
  if (!vpc.ok) return vpc;
  const network = newNetworkConfig(input.networkConfig ?? {}, call.network.vpcCidrs(vpc.value.vpcId), call.newUuid());
  if (!network.ok) return network;
  const cluster = rememberReply({ ...blank(input, call, place), vpc: vpc.value, network: network.value }, request, input.name);
  return ok({ state: withCluster(state, cluster), value: cluster });
};

function formFault({ name, roleArn, version, authenticationMode, supportType, isCreatorAdmin }: CreateClusterInput): EksError | undefined {
  if (!NAME.test(name)) {
    return invalidParameter(
      `The cluster name '${name}' must start with a letter or digit, go on with letters, digits, '-' or '_', and have 100 characters at most`,
      { clusterName: name },
    );
  }
  if (!ROLE.test(roleArn)) return invalidParameter(`Role with arn: ${roleArn}, could not be assumed because it is not the ARN of a role`);
  if (version !== undefined && kubernetesVersion(version) === undefined) {
    return invalidParameter(`unsupported Kubernetes version ${version}`, { clusterName: name });
  }
  if (authenticationMode !== undefined && !isMode(authenticationMode)) {
    return invalidParameter(`authenticationMode must be one of [API, API_AND_CONFIG_MAP, CONFIG_MAP], and is ${authenticationMode}`);
  }
  if (isCreatorAdmin === false && (authenticationMode === undefined || authenticationMode === "CONFIG_MAP")) {
    return invalidParameter("bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP", {
      clusterName: name,
    });
  }
  if (supportType !== undefined && supportType !== "STANDARD" && supportType !== "EXTENDED") {
    return invalidParameter(`supportType must be one of [STANDARD, EXTENDED], and is ${supportType}`);
  }
  return undefined;
}

export function isMode(text: string): text is AuthenticationMode {
  return text === "CONFIG_MAP" || text === "API_AND_CONFIG_MAP" || text === "API";
}

function blank(input: CreateClusterInput, call: EksCall, place: EksPlace): Omit<ClusterRecord, "vpc" | "network"> {
  const mode: AuthenticationMode =
    input.authenticationMode !== undefined && isMode(input.authenticationMode) ? input.authenticationMode : "CONFIG_MAP";
  const isCreatorAdmin = input.isCreatorAdmin ?? true;
  const entry = isCreatorAdmin && mode !== "CONFIG_MAP" ? creatorEntry(input.name, call, place) : undefined;
  return {
    name: input.name,
    arn: clusterArn(place, input.name),
    issuerId: call.newUuid().replaceAll("-", "").toUpperCase(),
    createdAt: call.now,
    creatorArn: call.callerArn,
    version: input.version ?? DEFAULT_VERSION,
    roleArn: input.roleArn,
    status: "CREATING",
    authenticationMode: mode,
    isCreatorAdmin,
    logTypes: [...new Set(input.logTypes)].toSorted(),
    supportType: input.supportType === "STANDARD" ? "STANDARD" : "EXTENDED",
    hasDeletionProtection: input.hasDeletionProtection ?? false,
    hasSelfManagedAddons: input.hasSelfManagedAddons ?? true,
    tags: input.tags ?? {},
    health: [],
    addons: {},
    updates: [],
    associations: {},
    accessEntries: entry === undefined ? {} : { [entry.principalArn]: entry },
    identityProviders: {},
    replies: {},
  };
}
