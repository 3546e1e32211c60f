import type { Settings } from "./settings.ts";

/** A setting that others decide. */
export interface Override {
  readonly variable: string;
  /** The settings that decide; by their defaults too. */
  readonly by: readonly string[];
  /** `none`: whatever its value, it has no effect. `implied`: it is `true` whatever its value. */
  readonly effect: "none" | "implied";
  readonly why: string;
}

interface Rule {
  readonly variables: readonly string[];
  readonly effect: Override["effect"];
  readonly why: string;
  /** The settings that decide; none when the rule does not hold. */
  readonly by: (settings: Settings) => readonly string[];
}

const when =
  (variable: string, holds: (settings: Settings) => boolean): Rule["by"] =>
  (settings) =>
    holds(settings) ? [variable] : [];

const WARM_BY_SLOT = ["WARM_ENI_TARGET", "WARM_PREFIX_TARGET"] as const;
const WARM_BY_ADDRESS = ["WARM_IP_TARGET", "MINIMUM_IP_TARGET"] as const;

/** The switch that stops the pool from growing and shrinking. */
function provisioningSwitch({ enis }: Settings): readonly string[] {
  if (!enis.provisioningDisabled) return [];
  return [enis.metadataOnly ? "ENABLE_IMDS_ONLY_MODE" : "DISABLE_NETWORK_RESOURCE_PROVISIONING"];
}

function addressTargets({ pool }: Settings): readonly string[] {
  return [
    ...(pool.warmIpTarget === undefined ? [] : ["WARM_IP_TARGET"]),
    ...(pool.minimumIpTarget === undefined ? [] : ["MINIMUM_IP_TARGET"]),
  ];
}

/** Upstream's precedence for IPv4 (VPC CNI 1.23). The first rule of a variable is the one told in a notice. */
const RULES: readonly Rule[] = [
  {
    variables: ["SLASH28_WARM_POLICY", ...WARM_BY_SLOT, ...WARM_BY_ADDRESS, "MAX_ENI", "AWS_MANAGE_ENIS_NON_SCHEDULABLE"],
    effect: "none",
    why: "the pool neither grows nor shrinks",
    by: provisioningSwitch,
  },
  {
    variables: ["WARM_PREFIX_TARGET"],
    effect: "none",
    why: "it has an effect only with prefixes",
    by: when("ENABLE_PREFIX_DELEGATION", ({ pool }) => !pool.prefixDelegation),
  },
  {
    variables: WARM_BY_SLOT,
    effect: "none",
    why: "WARM_IP_TARGET or MINIMUM_IP_TARGET is set and takes precedence",
    by: addressTargets,
  },
  {
    variables: ["WARM_ENI_TARGET"],
    effect: "none",
    why: "it has no effect with prefixes",
    by: when("ENABLE_PREFIX_DELEGATION", ({ pool }) => pool.prefixDelegation),
  },
  {
    variables: ["ENABLE_SUBNET_DISCOVERY"],
    effect: "none",
    why: "with custom networking the ENIConfig names the subnet",
    by: when("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", ({ pool }) => pool.customNetworking),
  },
  {
    variables: ["ENI_CONFIG_ANNOTATION_DEF", "ENI_CONFIG_LABEL_DEF"],
    effect: "none",
    why: "it has an effect only with custom networking",
    by: when("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", ({ pool }) => !pool.customNetworking),
  },
  {
    variables: ["DISABLE_NETWORK_RESOURCE_PROVISIONING"],
    effect: "implied",
    why: "reading the metadata service alone implies it",
    by: when("ENABLE_IMDS_ONLY_MODE", ({ enis }) => enis.metadataOnly),
  },
  {
    variables: ["DISABLE_LEAKED_ENI_CLEANUP"],
    effect: "implied",
    why: "an agent that changes nothing at EC2 deletes no ENI either",
    by: provisioningSwitch,
  },
  {
    variables: ["AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", "AWS_VPC_K8S_CNI_RANDOMIZESNAT"],
    effect: "none",
    why: "with external SNAT the node does not translate",
    by: when("AWS_VPC_K8S_CNI_EXTERNALSNAT", ({ host }) => host.externalSnat),
  },
  {
    variables: ["AWS_VPC_K8S_CNI_CONNMARK"],
    effect: "none",
    why: "no connection is marked without source NAT and node ports",
    by: ({ host }) => (host.externalSnat && !host.nodePortSupport ? ["AWS_VPC_K8S_CNI_EXTERNALSNAT", "AWS_VPC_CNI_NODE_PORT_SUPPORT"] : []),
  },
  {
    variables: ["AWS_ENDPOINT_URL", "AWS_EC2_ENDPOINT"],
    effect: "none",
    why: "another variable names EC2's endpoint",
    by: when("AWS_ENDPOINT_URL_EC2", ({ agent }) => agent.ec2Endpoint?.variable === "AWS_ENDPOINT_URL_EC2"),
  },
  {
    variables: ["AWS_EC2_ENDPOINT"],
    effect: "none",
    why: "another variable names EC2's endpoint",
    by: when("AWS_ENDPOINT_URL", ({ agent }) => agent.ec2Endpoint?.variable === "AWS_ENDPOINT_URL"),
  },
  {
    variables: ["POD_SECURITY_GROUP_ENFORCING_MODE"],
    effect: "none",
    why: "no pod has security groups of its own",
    by: () => ["ENABLE_POD_ENI"],
  },
  {
    variables: ["ANNOTATE_POD_IP"],
    effect: "none",
    why: "without MY_NODE_NAME the agent does not talk to the Kubernetes API",
    by: when("MY_NODE_NAME", ({ agent }) => agent.nodeName === undefined),
  },
  {
    variables: ["INTROSPECTION_BIND_ADDRESS"],
    effect: "none",
    why: "nothing listens for introspection",
    by: when("DISABLE_INTROSPECTION", ({ agent }) => agent.introspectionDisabled),
  },
];

/** Which settings decide which others under these values. */
export function overridesIn(settings: Settings): readonly Override[] {
  return RULES.flatMap(({ variables, effect, why, by }) => {
    const deciding = by(settings);
    return deciding.length === 0 ? [] : variables.map((variable) => ({ variable, by: deciding, effect, why }));
  });
}
