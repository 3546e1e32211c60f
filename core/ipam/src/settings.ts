import type { Cidr4 } from "@slash28/address";

/** How large the pool is kept. Address targets of 0 mean the same as none (as upstream): `undefined`. */
export interface PoolSettings {
  /** `SLASH28_WARM_POLICY`: `adaptive` follows each node's own demand, within the targets below. */
  readonly warmPolicy: "static" | "adaptive";
  /** `WARM_ENI_TARGET`: spare ENIs' worth of free addresses; only without prefixes and without address targets. */
  readonly warmEniTarget: number;
  /** `WARM_IP_TARGET`: free addresses. */
  readonly warmIpTarget: number | undefined;
  /** `MINIMUM_IP_TARGET`: addresses held in all. */
  readonly minimumIpTarget: number | undefined;
  /** `WARM_PREFIX_TARGET`: free prefixes' worth of addresses; only with prefixes and without address targets. */
  readonly warmPrefixTarget: number;
  /** `MAX_ENI`: bound below the type's own. */
  readonly maxEni: number | undefined;
  /** `ENABLE_PREFIX_DELEGATION`. */
  readonly prefixDelegation: boolean;
  /** `AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG`: the primary ENI takes no pods. */
  readonly customNetworking: boolean;
  /** `IP_COOLDOWN_PERIOD`, in milliseconds. */
  readonly cooldownMs: number;
}

/** Which ENIs are the agent's, and how new ones are made. */
export interface EniSettings {
  /** `ENI_CONFIG_ANNOTATION_DEF`, `ENI_CONFIG_LABEL_DEF`. */
  readonly eniConfigAnnotation: string;
  readonly eniConfigLabel: string;
  /** `ENABLE_SUBNET_DISCOVERY`. */
  readonly subnetDiscovery: boolean;
  /** `MANAGE_UNTAGGED_ENI`. */
  readonly manageUntagged: boolean;
  /** `AWS_MANAGE_ENIS_NON_SCHEDULABLE`: `false` freezes the pool while the node is cordoned. */
  readonly manageWhenUnschedulable: boolean;
  /** `DISABLE_NETWORK_RESOURCE_PROVISIONING` or `ENABLE_IMDS_ONLY_MODE`: the pool neither grows nor shrinks. */
  readonly provisioningDisabled: boolean;
  /** `ENABLE_IMDS_ONLY_MODE`. */
  readonly metadataOnly: boolean;
  /** `DISABLE_LEAKED_ENI_CLEANUP`, or implied by the two above. */
  readonly leakCleanupDisabled: boolean;
  /** `ADDITIONAL_ENI_TAGS`, without keys that hold `k8s.amazonaws.com`. */
  readonly additionalTags: Readonly<Record<string, string>>;
  /** `CLUSTER_NAME`. */
  readonly clusterName: string | undefined;
}

/** The host's and the pods' network. */
export interface HostSettings {
  /** `AWS_VPC_K8S_CNI_EXTERNALSNAT`. */
  readonly externalSnat: boolean;
  /** `AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS`; empty with external SNAT. */
  readonly excludeSnatCidrs: readonly Cidr4[];
  /** `AWS_VPC_K8S_CNI_RANDOMIZESNAT`. */
  readonly randomizeSnat: "prng" | "hashrandom" | "none";
  /** `AWS_EXTERNAL_SERVICE_CIDRS`. */
  readonly externalServiceCidrs: readonly Cidr4[];
  /** `AWS_VPC_CNI_NODE_PORT_SUPPORT`. */
  readonly nodePortSupport: boolean;
  /** `AWS_VPC_K8S_CNI_CONNMARK`. */
  readonly connectionMark: number;
  /** `AWS_VPC_ENI_MTU`, bytes. */
  readonly eniMtu: number;
  /** `POD_MTU`, else the ENI's. */
  readonly podMtu: number;
  /** `AWS_VPC_K8S_CNI_VETHPREFIX`. */
  readonly vethPrefix: string;
  /** `DISABLE_TCP_EARLY_DEMUX`, turned round: what the kernel's `net.ipv4.tcp_early_demux` is set to. */
  readonly tcpEarlyDemux: boolean;
}

/** The agent as a program. */
export interface AgentSettings {
  /** `MY_NODE_NAME`. */
  readonly nodeName: string | undefined;
  /** `AWS_VPC_K8S_CNI_BACKING_STORE`: upstream's checkpoint file. */
  readonly backingStore: string;
  readonly metricsDisabled: boolean;
  readonly introspectionDisabled: boolean;
  /** `host:port` or `unix:<path>`. */
  readonly introspectionAddress: string;
  /** `ANNOTATE_POD_IP`. */
  readonly annotatePodIp: boolean;
  readonly logFile: string;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "fatal";
  /** `AWS_VPC_K8S_PLUGIN_LOG_FILE`. */
  readonly pluginLogFile: string;
  readonly pluginLogLevel: "debug" | "info" | "warn" | "error" | "fatal";
  /** `ENABLE_BANDWIDTH_PLUGIN`: the conflist gets the bandwidth plugin. */
  readonly bandwidthPlugin: boolean;
  /** `DISABLE_POD_V6`: the conflist gets the tuning plugin, which turns IPv6 off in pods. */
  readonly podIpv6Disabled: boolean;
  /** `NETWORK_POLICY_ENFORCING_MODE`; `undefined` when unset: nobody is told. */
  readonly networkPolicyMode: "none" | "standard" | "strict" | undefined;
  /** `HTTP_TIMEOUT`, in milliseconds: what one exchange with EC2 may take. */
  readonly httpTimeoutMs: number;
  /** The first that is set of `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL`, `AWS_EC2_ENDPOINT`. */
  readonly ec2Endpoint: Ec2EndpointSetting | undefined;
}

export interface Ec2EndpointSetting {
  readonly variable: "AWS_ENDPOINT_URL_EC2" | "AWS_ENDPOINT_URL" | "AWS_EC2_ENDPOINT";
  readonly url: string;
}

export interface Settings {
  readonly pool: PoolSettings;
  readonly enis: EniSettings;
  readonly host: HostSettings;
  readonly agent: AgentSettings;
}
