import { EnvReader, type Env, type SettingNotice, type SettingReading } from "./env-reader.ts";
import { parseObject } from "./json.ts";
import { overridesIn, type Override } from "./precedence.ts";
import type { AgentSettings, Ec2EndpointSetting, EniSettings, HostSettings, PoolSettings, Settings } from "./settings.ts";

const DEFAULT_COOLDOWN_S = 30;
const LEAST_MTU = 576;
const MOST_MTU = 9001;
const DEFAULT_MARK = 0x80;
const DEFAULT_MARK_TEXT = "0x80";
const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;
const POLICY_MODES = ["none", "standard", "strict"] as const;
const RESERVED_TAG = "k8s.amazonaws.com";
const LEAST_HTTP_TIMEOUT_S = 10;
/** The longest that a timer of the platform takes, about 24 days. */
const MOST_HTTP_TIMEOUT_S = 2_147_483;
const NOT_SERVED = ["ENABLE_IPv6", "ENABLE_POD_ENI", "ENABLE_MULTI_NIC", "ENABLE_V6_EGRESS"] as const;

/**
 * Reads upstream's variables by upstream's rules (VPC CNI 1.23). A wrong value never stops the node: the default takes its place and a notice
 * says so, also where upstream's entrypoint would exit (MTU, veth prefix, cooldown, prefixes without a target).
 */
export function parseSettings(env: Env): ParsedSettings {
  const reader = new EnvReader(env);
  const settings: Settings = { pool: readPool(reader), enis: readEnis(reader), host: readHost(reader), agent: readAgent(reader) };
  noteUnserved(reader, settings);
  const overrides = overridesIn(settings);
  noteIgnored(reader, overrides);
  return { settings, notices: reader.notices, readings: [...reader.readings.values()], overrides };
}

/** What an environment means. */
export interface ParsedSettings {
  readonly settings: Settings;
  /** What an operator should hear. */
  readonly notices: readonly SettingNotice[];
  /** Every variable, given or not. */
  readonly readings: readonly SettingReading[];
  /** Which settings decide others, given or not. */
  readonly overrides: readonly Override[];
}

function noteUnserved(reader: EnvReader, { agent }: Settings): void {
  for (const variable of NOT_SERVED) {
    if (!reader.flag(variable, false)) continue;
    reader.took(variable, false, false);
    reader.note("unsupported", variable, "false", "this agent does not serve it");
  }
  const branchMode = reader.choice("POD_SECURITY_GROUP_ENFORCING_MODE", ["strict", "standard"], "strict");
  if (reader.flag("ENABLE_POD_ENI", false) && branchMode !== "strict")
    reader.note("unsupported", "POD_SECURITY_GROUP_ENFORCING_MODE", "none", "this agent does not serve security groups for pods");
  // The other modes let through what no policy forbids; this one promises to keep out what no policy allows.
  if (agent.networkPolicyMode === "strict")
    reader.note(
      "unsupported",
      "NETWORK_POLICY_ENFORCING_MODE",
      "none",
      "this agent restricts no pod by itself: a network policy agent does",
    );
  if (reader.flag("ENABLE_IPv4", true)) return;
  reader.took("ENABLE_IPv4", true, true);
  reader.note("unsupported", "ENABLE_IPv4", "true", "this agent serves IPv4 pods");
}

/** Says which values have no effect, so that nobody turns a knob in vain. A default that was written out misleads nobody. */
function noteIgnored(reader: EnvReader, overrides: readonly Override[]): void {
  const noted = new Set<string>();
  for (const { variable, effect, why } of overrides) {
    const reading = reader.readings.get(variable);
    if (effect !== "none" || noted.has(variable) || reading?.given === undefined || reading.used === reading.fallback) continue;
    noted.add(variable);
    reader.note("ignored", variable, "none", why);
  }
}

function readPool(reader: EnvReader): PoolSettings {
  const warmIpTarget = nothingForZero(reader.integer("WARM_IP_TARGET", 0, 0));
  const minimumIpTarget = nothingForZero(reader.integer("MINIMUM_IP_TARGET", 0, 0));
  const warmEniTarget = reader.integer("WARM_ENI_TARGET", 1, 0);
  const prefixDelegation = reader.flag("ENABLE_PREFIX_DELEGATION", false);
  const hasAddressTarget = warmIpTarget !== undefined || minimumIpTarget !== undefined;
  let warmPrefixTarget = reader.integer("WARM_PREFIX_TARGET", 0, 0);
  if (prefixDelegation && !hasAddressTarget && warmPrefixTarget === 0) {
    warmPrefixTarget = reader.took("WARM_PREFIX_TARGET", 1, 1);
    reader.note("invalid", "WARM_PREFIX_TARGET", "1", "prefixes need WARM_PREFIX_TARGET, WARM_IP_TARGET or MINIMUM_IP_TARGET above 0");
  }
  return {
    warmPolicy: reader.choice("SLASH28_WARM_POLICY", ["static", "adaptive"], "static"),
    warmEniTarget,
    warmIpTarget,
    minimumIpTarget,
    warmPrefixTarget,
    maxEni: reader.integer("MAX_ENI", undefined, 1),
    prefixDelegation,
    customNetworking: reader.flag("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", false),
    cooldownMs: reader.integer("IP_COOLDOWN_PERIOD", DEFAULT_COOLDOWN_S, 0) * 1000,
  };
}

function readEnis(reader: EnvReader): EniSettings {
  const metadataOnly = reader.flag("ENABLE_IMDS_ONLY_MODE", false);
  const provisioningDisabled = impliedFlag(reader, "DISABLE_NETWORK_RESOURCE_PROVISIONING", metadataOnly);
  return {
    eniConfigAnnotation: reader.word("ENI_CONFIG_ANNOTATION_DEF", "k8s.amazonaws.com/eniConfig"),
    eniConfigLabel: reader.word("ENI_CONFIG_LABEL_DEF", "k8s.amazonaws.com/eniConfig"),
    subnetDiscovery: reader.flag("ENABLE_SUBNET_DISCOVERY", true),
    manageUntagged: reader.flag("MANAGE_UNTAGGED_ENI", true),
    manageWhenUnschedulable: reader.flag("AWS_MANAGE_ENIS_NON_SCHEDULABLE", false),
    provisioningDisabled,
    metadataOnly,
    leakCleanupDisabled: impliedFlag(reader, "DISABLE_LEAKED_ENI_CLEANUP", provisioningDisabled),
    additionalTags: readTags(reader),
    clusterName: reader.word("CLUSTER_NAME", undefined),
  };
}

/** A switch that is off by default, and on when another one implies it. */
function impliedFlag(reader: EnvReader, variable: string, isImplied: boolean): boolean {
  return reader.took(variable, false, reader.flag(variable, false) || isImplied);
}

function readTags(reader: EnvReader): Readonly<Record<string, string>> {
  const variable = "ADDITIONAL_ENI_TAGS";
  const given = reader.word(variable, undefined);
  if (given === undefined) return {};
  const parsed = parseObject(given);
  if (parsed === undefined || Object.values(parsed).some((value) => typeof value !== "string")) {
    reader.note("invalid", variable, "none", "is not a JSON object of strings");
    reader.took(variable, undefined, undefined);
    return {};
  }
  const entries = Object.entries(parsed as Record<string, string>);
  const reserved = entries.filter(([key]) => key.includes(RESERVED_TAG)).map(([key]) => key);
  if (reserved.length > 0) reader.note("invalid", variable, "the other tags", `${reserved.join(", ")}: reserved, left out`);
  const tags = Object.fromEntries(entries.filter(([key]) => !key.includes(RESERVED_TAG)));
  reader.took(variable, undefined, entries.length === reserved.length ? undefined : JSON.stringify(tags));
  return tags;
}

function readHost(reader: EnvReader): HostSettings {
  const externalSnat = reader.flag("AWS_VPC_K8S_CNI_EXTERNALSNAT", false);
  const excluded = reader.cidrs("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS");
  const eniMtu = reader.integer("AWS_VPC_ENI_MTU", MOST_MTU, LEAST_MTU, MOST_MTU);
  return {
    externalSnat,
    excludeSnatCidrs: externalSnat ? [] : excluded,
    randomizeSnat: reader.choice("AWS_VPC_K8S_CNI_RANDOMIZESNAT", ["prng", "hashrandom", "none"], "prng"),
    externalServiceCidrs: reader.cidrs("AWS_EXTERNAL_SERVICE_CIDRS"),
    nodePortSupport: reader.flag("AWS_VPC_CNI_NODE_PORT_SUPPORT", true),
    connectionMark: readMark(reader),
    eniMtu,
    podMtu: reader.integer("POD_MTU", eniMtu, LEAST_MTU, MOST_MTU),
    vethPrefix: readVethPrefix(reader),
    tcpEarlyDemux: !reader.flag("DISABLE_TCP_EARLY_DEMUX", false),
  };
}

/** A whole number with Go's base prefixes: `0x80`, `0b10000000`, `0o200`, `0200`, `128`. */
function readMark(reader: EnvReader): number {
  const variable = "AWS_VPC_K8S_CNI_CONNMARK";
  const given = reader.word(variable, DEFAULT_MARK_TEXT);
  const isNumber = /^(?:0x[0-9a-f]+|0b[01]+|0o?[0-7]+|[1-9]\d*)$/i.test(given);
  const value = isNumber ? Number(/^0[0-7]+$/.test(given) ? `0o${given.slice(1)}` : given) : Number.NaN;
  if (value >= 1 && value <= 0xffff_ffff) return value;
  reader.took(variable, DEFAULT_MARK_TEXT, DEFAULT_MARK_TEXT);
  reader.note("invalid", variable, DEFAULT_MARK_TEXT, "is not a whole number from 1 to 0xffffffff");
  return DEFAULT_MARK;
}

function readVethPrefix(reader: EnvReader): string {
  const variable = "AWS_VPC_K8S_CNI_VETHPREFIX";
  const given = reader.word(variable, "eni");
  if (/^[^\s/:]{1,4}$/.test(given) && !["eth", "vlan", "lo"].includes(given)) return given;
  reader.took(variable, "eni", "eni");
  reader.note("invalid", variable, "eni", "must have at most 4 characters of a link name and not be eth, vlan or lo");
  return "eni";
}

function readAgent(reader: EnvReader): AgentSettings {
  const logs = "/var/log/aws-routed-eni";
  const pluginLogFile = reader.word("AWS_VPC_K8S_PLUGIN_LOG_FILE", `${logs}/plugin.log`);
  const isStdout = pluginLogFile === "stdout";
  if (isStdout) reader.took("AWS_VPC_K8S_PLUGIN_LOG_FILE", `${logs}/plugin.log`, "stderr");
  if (isStdout) reader.note("invalid", "AWS_VPC_K8S_PLUGIN_LOG_FILE", "stderr", "a CNI plugin's stdout carries its result");
  return {
    nodeName: reader.word("MY_NODE_NAME", undefined),
    backingStore: reader.word("AWS_VPC_K8S_CNI_BACKING_STORE", "/var/run/aws-node/ipam.json"),
    metricsDisabled: reader.flag("DISABLE_METRICS", false),
    introspectionDisabled: reader.flag("DISABLE_INTROSPECTION", false),
    introspectionAddress: reader.word("INTROSPECTION_BIND_ADDRESS", "127.0.0.1:61679"),
    annotatePodIp: reader.flag("ANNOTATE_POD_IP", false),
    logFile: reader.word("AWS_VPC_K8S_CNI_LOG_FILE", undefined) ?? `/host${logs}/ipamd.log`,
    logLevel: reader.choice("AWS_VPC_K8S_CNI_LOGLEVEL", LEVELS, "debug", true),
    pluginLogFile: isStdout ? "stderr" : pluginLogFile,
    pluginLogLevel: reader.choice("AWS_VPC_K8S_PLUGIN_LOG_LEVEL", LEVELS, "debug", true),
    bandwidthPlugin: reader.flag("ENABLE_BANDWIDTH_PLUGIN", false),
    podIpv6Disabled: reader.flag("DISABLE_POD_V6", false),
    networkPolicyMode: reader.choice("NETWORK_POLICY_ENFORCING_MODE", POLICY_MODES, undefined, true),
    httpTimeoutMs: reader.integer("HTTP_TIMEOUT", LEAST_HTTP_TIMEOUT_S, LEAST_HTTP_TIMEOUT_S, MOST_HTTP_TIMEOUT_S) * 1000,
    ec2Endpoint: readEc2Endpoint(reader),
  };
}

/** Upstream documents `AWS_EC2_ENDPOINT` but gives it to other clients only; here it does what is documented, after the SDKs' own. */
function readEc2Endpoint(reader: EnvReader): Ec2EndpointSetting | undefined {
  const variables = ["AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL", "AWS_EC2_ENDPOINT"] as const;
  const [first] = variables.flatMap((variable) => {
    const url = reader.url(variable);
    return url === undefined ? [] : [{ variable, url }];
  });
  return first;
}

function nothingForZero(value: number): number | undefined {
  return value === 0 ? undefined : value;
}
