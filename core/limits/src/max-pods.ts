import { isAtLeast, parseCniVersion, scriptAllowsPrefixes } from "./cni-version.ts";
import { limitsOf, type InstanceLimits } from "./instance-types.ts";

/** Pods on the host's network that every node has (aws-node, kube-proxy): they take no VPC address. */
export const HOST_NETWORK_PODS = 2;
/** Addresses of one /28 prefix. */
const PREFIX_SIZE = 16;
/** The vCPU count above which a node may run 250 pods; up to it, 110 (EKS's recommendation, as its calculator applies it). */
const LARGE_NODE_VCPUS = 30;

/** What the number depends on; everything but type and version defaults to off. */
export interface MaxPodsOptions {
  /** A type of the table, or limits from elsewhere, EC2's own answer for instance. */
  readonly instance: string | InstanceLimits;
  /** VPC CNI version, `1.18.0` or `v1.18.0-eksbuild.1`. */
  readonly cniVersion: string;
  readonly prefixDelegation?: boolean;
  readonly customNetworking?: boolean;
  /** A trunk ENI takes one ENI's place; pods with branch ENIs come on top, up to the type's own limit. */
  readonly securityGroupsForPods?: boolean;
  /** IPv6 cluster: one /80 per node never runs out, so only the cap counts. */
  readonly ipv6?: boolean;
  /** Upper bound of ENIs; applies with and without prefixes. */
  readonly maxEni?: number;
  /** ENIs kept from the CNI, as Karpenter's `--reserved-enis`. */
  readonly reservedEnis?: number;
  /** The number without the 110/250 cap. */
  readonly showMaxAllowed?: boolean;
  /** In place of the type's default vCPU count: CPU options were set, or the table does not know it. */
  readonly vcpus?: number;
  /** `script`: every answer as the retired shell calculator gave it, oddities included. */
  readonly arithmetic?: "slash28" | "script";
}

export type MaxPodsMode = "secondary-addresses" | "prefixes" | "ipv6";

/** The number, and all it was made of. */
export interface MaxPods {
  readonly type: string;
  readonly maxPods: number;
  /** Before the cap. */
  readonly uncapped: number;
  readonly mode: MaxPodsMode;
  readonly enis: EniBudget;
  /** Addresses for pods on each usable ENI; its primary address is not one. */
  readonly addressesPerEni: number;
  readonly hostNetworkPods: number;
  /** 110 or 250. */
  readonly cap: number;
  readonly isCapped: boolean;
  /** `undefined`: unknown, the cap is 110. */
  readonly vcpus: number | undefined;
  /** Pods with branch ENIs the node can run besides; they count against max pods too. */
  readonly branchPods: number;
  /** Sentences about what was asked and did not apply. */
  readonly notes: readonly string[];
}

/** Where the type's ENIs go. */
export interface EniBudget {
  /** ENIs of the default network card. */
  readonly limit: number;
  /** After `maxEni`. */
  readonly bounded: number;
  readonly forCustomNetworking: number;
  readonly forTrunk: number;
  readonly reserved: number;
  readonly usable: number;
}

export type MaxPodsErrorCode =
  | "INSTANCE_TYPE_UNKNOWN"
  | "CNI_VERSION_INVALID"
  | "NUMBER_INVALID"
  | "OPTIONS_CONFLICT"
  | "IPV6_UNSUPPORTED"
  | "NO_PODS_FIT";

export interface MaxPodsError {
  readonly code: MaxPodsErrorCode;
  /** What, which object, why, and what to do. */
  readonly message: string;
}

export type MaxPodsResult = { readonly ok: true; readonly value: MaxPods } | { readonly ok: false; readonly error: MaxPodsError };

/**
 * How many pods kubelet may accept on a node: usable ENIs × addresses per ENI + 2, capped at 110, or at 250 above 30 vCPUs. Differs from the retired shell
 * calculator (`arithmetic: "script"`) in this: prefixes count on bare metal from CNI 1.11, versions are compared as numbers, and what makes no
 * sense is refused instead of answered with a negative number.
 */
export function maxPodsOf(options: MaxPodsOptions): MaxPodsResult {
  const limits = typeof options.instance === "string" ? limitsOf(options.instance) : options.instance;
  if (limits === undefined) return unknownType(typeof options.instance === "string" ? options.instance : options.instance.type);
  const refused = refuseOptions(options, limits);
  if (refused !== undefined) return { ok: false, error: refused };
  const mode = modeOf(options, limits);
  const enis = eniBudget(options, limits);
  const vcpus = options.vcpus ?? limits.vcpus;
  const cap = capOf(vcpus);
  const addressesPerEni = (limits.ipv4PerEni - 1) * (mode === "prefixes" ? PREFIX_SIZE : 1);
  const uncapped = mode === "ipv6" ? cap : enis.usable * addressesPerEni + HOST_NETWORK_PODS;
  if (uncapped < 0 && options.arithmetic !== "script") return noPodsFit(limits, enis);
  return {
    ok: true,
    value: {
      type: limits.type,
      maxPods: options.showMaxAllowed === true ? uncapped : Math.min(uncapped, cap),
      uncapped,
      mode,
      enis,
      addressesPerEni,
      hostNetworkPods: HOST_NETWORK_PODS,
      cap,
      isCapped: options.showMaxAllowed !== true && uncapped > cap,
      vcpus,
      branchPods: enis.forTrunk > 0 ? (limits.branchInterfaces ?? 0) : 0,
      notes: notesOf(options, limits, mode, vcpus),
    },
  };
}

/** The least of several types' numbers, which a node group of mixed types gets (as EKS does for managed node groups); the first error if any. */
export function leastMaxPods(instances: readonly (string | InstanceLimits)[], options: Omit<MaxPodsOptions, "instance">): MaxPodsResult {
  let least: MaxPodsResult | undefined;
  for (const instance of instances) {
    const result = maxPodsOf({ ...options, instance });
    if (!result.ok) return result;
    if (least === undefined || (least.ok && result.value.maxPods < least.value.maxPods)) least = result;
  }
  return least ?? unknownType("");
}

/** 250 above 30 vCPUs, else 110; also 110 when the count is unknown. */
function capOf(vcpus: number | undefined): number {
  return vcpus !== undefined && vcpus > LARGE_NODE_VCPUS ? 250 : 110;
}

function modeOf(options: MaxPodsOptions, limits: InstanceLimits): MaxPodsMode {
  if (options.ipv6 === true) return "ipv6";
  return options.prefixDelegation === true && prefixesApply(options, limits) ? "prefixes" : "secondary-addresses";
}

/** Prefixes need Nitro and CNI 1.9, or bare metal and CNI 1.11; the script knew Nitro only. */
function prefixesApply(options: MaxPodsOptions, limits: InstanceLimits): boolean {
  if (options.arithmetic === "script") return limits.hypervisor === "nitro" && scriptAllowsPrefixes(options.cniVersion) === true;
  const version = parseCniVersion(options.cniVersion);
  if (version === undefined) return false;
  if (limits.hypervisor === "nitro") return isAtLeast(version, { major: 1, minor: 9, patch: 0 });
  return limits.bareMetal && isAtLeast(version, { major: 1, minor: 11, patch: 0 });
}

function eniBudget(options: MaxPodsOptions, limits: InstanceLimits): EniBudget {
  const bounded = Math.min(options.maxEni ?? limits.maxEnis, limits.maxEnis);
  const forCustomNetworking = options.customNetworking === true ? 1 : 0;
  const forTrunk = options.securityGroupsForPods === true && limits.trunkingCompatible ? 1 : 0;
  const reserved = options.reservedEnis ?? 0;
  return {
    limit: limits.maxEnis,
    bounded,
    forCustomNetworking,
    forTrunk,
    reserved,
    usable: bounded - forCustomNetworking - forTrunk - reserved,
  };
}

function refuseOptions(options: MaxPodsOptions, limits: InstanceLimits): MaxPodsError | undefined {
  const isScript = options.arithmetic === "script";
  const version = parseCniVersion(options.cniVersion);
  if (isScript ? scriptAllowsPrefixes(options.cniVersion) === undefined : version === undefined) {
    const message = `CNI version ${JSON.stringify(options.cniVersion)} is not of the form 1.18.0; give major and minor at least`;
    return { code: "CNI_VERSION_INVALID", message };
  }
  for (const [name, value] of [
    ["max ENI", options.maxEni],
    ["reserved ENIs", options.reservedEnis],
    ["vCPUs", options.vcpus],
  ] as const) {
    if (value === undefined || (Number.isInteger(value) && (value >= 0 || isScript))) continue;
    return { code: "NUMBER_INVALID", message: `${name} is ${value}; give a whole number, 0 or more` };
  }
  if (options.ipv6 !== true) return undefined;
  if (options.customNetworking === true) {
    return { code: "OPTIONS_CONFLICT", message: "custom networking does not exist for IPv6 clusters; leave one of the two out" };
  }
  const hasPrefixes = limits.hypervisor === "nitro" || limits.bareMetal;
  if (hasPrefixes && version !== undefined && isAtLeast(version, { major: 1, minor: 10, patch: 1 })) return undefined;
  const reason = hasPrefixes ? `CNI ${options.cniVersion} is older than 1.10.1` : "it cannot hold prefixes";
  return { code: "IPV6_UNSUPPORTED", message: `${limits.type} cannot run IPv6 pods: ${reason}; use a Nitro type and a newer CNI` };
}

function notesOf(options: MaxPodsOptions, limits: InstanceLimits, mode: MaxPodsMode, vcpus: number | undefined): readonly string[] {
  const notes: string[] = [];
  if (options.prefixDelegation === true && mode === "secondary-addresses") {
    const why = limits.hypervisor === "xen" ? "cannot hold prefixes" : `gets no prefixes from CNI ${options.cniVersion}`;
    notes.push(`${limits.type} ${why}; counted with secondary addresses, as the CNI falls back to them`);
  }
  if (options.maxEni === 0) notes.push("the CNI itself ignores a MAX_ENI below 1");
  if (options.securityGroupsForPods === true && !limits.trunkingCompatible) {
    notes.push(`${limits.type} has no trunk ENI: security groups for pods have no effect on it`);
  }
  if (mode === "ipv6") notes.push("an IPv6 node's /80 never runs out; only the cap by vCPUs counts");
  if (vcpus === undefined) notes.push(`the vCPUs of ${limits.type} are not known; the cap for smaller nodes, 110, is used`);
  return notes;
}

function unknownType(type: string): MaxPodsResult {
  const message = `instance type ${JSON.stringify(type)} is not in the table; check the spelling, or ask EC2 with describe-instance-types`;
  return { ok: false, error: { code: "INSTANCE_TYPE_UNKNOWN", message } };
}

function noPodsFit(limits: InstanceLimits, enis: EniBudget): MaxPodsResult {
  const asked = enis.forCustomNetworking + enis.forTrunk + enis.reserved;
  const message = `no pods fit on ${limits.type}: ${enis.bounded} usable ENIs less ${asked} set aside; raise max ENI or set fewer aside`;
  return { ok: false, error: { code: "NO_PODS_FIT", message } };
}
