import type {
  _InstanceType,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
  NetworkInfo,
} from "@aws-sdk/client-ec2";
import { instanceTypes, limitsOf, type InstanceLimits } from "@slash28/limits";
import { read } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { page } from "../../query/pagination.ts";
import { architectureOf } from "../instances/wire-instance.ts";

/** EC2 shows at most this many types in one reply. */
const TYPES_MAX = 100;

export const describeInstanceTypes = read<DescribeInstanceTypesRequest, DescribeInstanceTypesResult>("DescribeInstanceTypes", (input) => {
  const rules = {
    action: "DescribeInstanceTypes",
    key: ({ type }: InstanceLimits) => type,
    resultsMax: TYPES_MAX,
    resultsDefault: TYPES_MAX,
  };
  const { items, ...more } = page(filtered(askedTypes(input.InstanceTypes), input.Filters, FILTERS), input, rules);
  return { InstanceTypes: items.map(wireType), ...more };
});

function askedTypes(names: readonly string[] = []): readonly InstanceLimits[] {
  const unknown = names.filter((name) => limitsOf(name) === undefined);
  if (unknown.length > 0) {
    throw new AwsError("InvalidInstanceType", `The following supplied instance types do not exist: [${unknown.join(", ")}]`);
  }
  if (names.length > TYPES_MAX)
    throw new AwsError("InvalidParameterValue", `At most ${TYPES_MAX} instance types may be named in one request.`);
  return (names.length === 0 ? instanceTypes() : [...new Set(names)]).flatMap((name) => limitsOf(name) ?? []);
}

/** What of a type bears on networking, as EC2 tells it; EC2 names no hypervisor for bare metal, and vCPUs or memory only where a source does. */
function wireType(limits: InstanceLimits): InstanceTypeInfo {
  const { vcpus, memoryMiB, bareMetal, hypervisor } = limits;
  return {
    InstanceType: limits.type as _InstanceType,
    BareMetal: bareMetal,
    Hypervisor: bareMetal || hypervisor === "unknown" ? undefined : hypervisor,
    SupportedRootDeviceTypes: ["ebs"],
    SupportedUsageClasses: ["on-demand"],
    SupportedVirtualizationTypes: ["hvm"],
    ProcessorInfo: { SupportedArchitectures: [architectureOf(limits.type)] },
    VCpuInfo: vcpus === undefined ? undefined : { DefaultVCpus: vcpus },
    MemoryInfo: memoryMiB === undefined ? undefined : { SizeInMiB: memoryMiB },
    NetworkInfo: networkInfo(limits),
  };
}

function networkInfo({ networkCards, defaultNetworkCard, ipv4PerEni, hypervisor, bareMetal }: InstanceLimits): NetworkInfo {
  return {
    MaximumNetworkInterfaces: totalEnis(networkCards),
    MaximumNetworkCards: networkCards.length,
    DefaultNetworkCardIndex: defaultNetworkCard,
    NetworkCards: networkCards.map(({ index, maxEnis }) => ({ NetworkCardIndex: index, MaximumNetworkInterfaces: maxEnis })),
    Ipv4AddressesPerInterface: ipv4PerEni,
    Ipv6AddressesPerInterface: ipv4PerEni,
    Ipv6Supported: true,
    EnaSupport: hypervisor === "nitro" || bareMetal ? "required" : "supported",
  };
}

/** EC2's maximum counts the ENIs of all network cards. */
function totalEnis(cards: InstanceLimits["networkCards"]): number {
  return cards.reduce((sum, { maxEnis }) => sum + maxEnis, 0);
}

/** The filters EC2 documents for DescribeInstanceTypes, of what the limits table knows. */
const FILTERS: FilterTable<InstanceLimits> = {
  "bare-metal": ({ bareMetal }) => bareMetal,
  hypervisor: ({ hypervisor }) => (hypervisor === "unknown" ? undefined : hypervisor),
  "instance-type": ({ type }) => type,
  "memory-info.size-in-mib": ({ memoryMiB }) => memoryMiB,
  "network-info.ipv4-addresses-per-interface": ({ ipv4PerEni }) => ipv4PerEni,
  "network-info.ipv6-addresses-per-interface": ({ ipv4PerEni }) => ipv4PerEni,
  "network-info.ipv6-supported": () => true,
  "network-info.maximum-network-cards": ({ networkCards }) => networkCards.length,
  "network-info.maximum-network-interfaces": ({ networkCards }) => totalEnis(networkCards),
  "processor-info.supported-architecture": ({ type }) => architectureOf(type),
  "supported-root-device-type": () => "ebs",
  "supported-usage-class": () => "on-demand",
  "supported-virtualization-type": () => "hvm",
  "vcpu-info.default-vcpus": ({ vcpus }) => vcpus,
};
