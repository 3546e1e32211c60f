/** A JSON Schema (draft 6) as EKS publishes them with each add-on version. */
export type ConfigurationSchema = Readonly<Record<string, unknown>>;

const object = (properties: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): ConfigurationSchema => ({
  type: "object",
  additionalProperties: false,
  properties,
  ...more,
});
const text = { type: "string" };
/** EKS notes these formats beside strings; validators that do not know them let any text pass, and so does EKS. */
const flag = { type: "string", format: "boolean" };
const whole = { type: "string", format: "integer" };
const free = { type: ["object", "null"] };
const list = { type: ["array", "null"], items: { type: "object" } };
const QUANTITIES = object({ cpu: text, memory: text });
const RESOURCES = object({ limits: QUANTITIES, requests: QUANTITIES });

const named = (names: string, schema: ConfigurationSchema): Readonly<Record<string, ConfigurationSchema>> =>
  Object.fromEntries(names.split(" ").map((name) => [name, schema]));

/** Variables of `aws-node`. */
const VPC_CNI_ENV = object({
  ...named(
    "ADDITIONAL_ENI_TAGS AWS_EC2_ENDPOINT AWS_EXTERNAL_SERVICE_CIDRS AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS AWS_VPC_K8S_CNI_LOGLEVEL AWS_VPC_K8S_CNI_LOG_FILE AWS_VPC_K8S_CNI_RANDOMIZESNAT AWS_VPC_K8S_CNI_VETHPREFIX AWS_VPC_K8S_PLUGIN_LOG_FILE AWS_VPC_K8S_PLUGIN_LOG_LEVEL CLUSTER_ENDPOINT ENI_CONFIG_ANNOTATION_DEF ENI_CONFIG_LABEL_DEF INTROSPECTION_BIND_ADDRESS NETWORK_POLICY_ENFORCING_MODE POD_SECURITY_GROUP_ENFORCING_MODE",
    text,
  ),
  ...named(
    "ANNOTATE_POD_IP AWS_MANAGE_ENIS_NON_SCHEDULABLE AWS_VPC_CNI_NODE_PORT_SUPPORT AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG AWS_VPC_K8S_CNI_EXTERNALSNAT DISABLE_INTROSPECTION DISABLE_LEAKED_ENI_CLEANUP DISABLE_METRICS DISABLE_NETWORK_RESOURCE_PROVISIONING DISABLE_POD_V6 ENABLE_BANDWIDTH_PLUGIN ENABLE_IMDS_ONLY_MODE ENABLE_IPv4 ENABLE_IPv6 ENABLE_MULTI_NIC ENABLE_POD_ENI ENABLE_PREFIX_DELEGATION ENABLE_SUBNET_DISCOVERY ENABLE_V4_EGRESS ENABLE_V6_EGRESS",
    flag,
  ),
  ...named("AWS_VPC_ENI_MTU IP_COOLDOWN_PERIOD MAX_ENI MINIMUM_IP_TARGET POD_MTU WARM_ENI_TARGET WARM_IP_TARGET WARM_PREFIX_TARGET", whole),
});

const ENI_CONFIG = object(
  {
    create: { type: "boolean" },
    region: text,
    subnets: {
      type: "object",
      minProperties: 1,
      additionalProperties: object({ id: text, securityGroups: { type: "array", items: text } }, { required: ["id"] }),
    },
  },
  { required: ["create", "region", "subnets"] },
);

const VPC_CNI = object(
  {
    affinity: free,
    enableNetworkPolicy: flag,
    enableWindowsIpam: flag,
    enableWindowsPrefixDelegation: flag,
    eniConfig: ENI_CONFIG,
    env: VPC_CNI_ENV,
    init: object({ env: object({ DISABLE_TCP_EARLY_DEMUX: flag, ENABLE_V6_EGRESS: flag }), resources: RESOURCES }),
    livenessProbeTimeoutSeconds: { type: "integer" },
    minimumWindowsIPTarget: { type: "integer" },
    branchENICooldown: { type: "integer" },
    nodeAgent: object({
      enableCloudWatchLogs: flag,
      enablePolicyEventLogs: flag,
      healthProbeBindAddr: whole,
      metricsBindAddr: whole,
      resources: RESOURCES,
    }),
    nodeSelector: free,
    podAnnotations: free,
    podLabels: free,
    readinessProbeTimeoutSeconds: { type: "integer" },
    resources: RESOURCES,
    tolerations: list,
    warmWindowsIPTarget: { type: "integer" },
    warmWindowsPrefixTarget: { type: "integer" },
  },
  { title: "VpcCni" },
);

const POD_IDENTITY_AGENT = object({
  affinity: free,
  agent: object({ additionalArgs: { type: "object", additionalProperties: text } }),
  nodeSelector: free,
  podAnnotations: free,
  podLabels: free,
  priorityClassName: text,
  resources: RESOURCES,
  tolerations: list,
  updateStrategy: free,
});

const COREDNS = object({
  affinity: free,
  autoScaling: object({
    enabled: { type: "boolean" },
    maxReplicas: { type: "integer", minimum: 2 },
    minReplicas: { type: "integer", minimum: 2 },
  }),
  computeType: text,
  corefile: text,
  nodeSelector: free,
  podAnnotations: free,
  podDisruptionBudget: object({
    enabled: { type: "boolean" },
    maxUnavailable: { type: ["integer", "string"] },
    minAvailable: { type: ["integer", "string"] },
  }),
  podLabels: free,
  replicaCount: { type: "integer" },
  resources: RESOURCES,
  tolerations: list,
  topologySpreadConstraints: list,
});

const KUBE_PROXY = object({
  ipvs: object({ scheduler: text }),
  mode: { type: "string", enum: ["iptables", "ipvs", "nftables"] },
  podAnnotations: free,
  podLabels: free,
  resources: RESOURCES,
});

const SCHEMAS: Readonly<Record<string, ConfigurationSchema>> = {
  coredns: COREDNS,
  "eks-pod-identity-agent": POD_IDENTITY_AGENT,
  "kube-proxy": KUBE_PROXY,
  "vpc-cni": VPC_CNI,
};

/** What an add-on may be configured with. The lab has one schema per add-on, that of its newest version. */
export function configurationSchemaOf(addonName: string): ConfigurationSchema | undefined {
  const schema = SCHEMAS[addonName];
  return schema === undefined ? undefined : { $schema: "http://json-schema.org/draft-06/schema#", ...schema };
}
