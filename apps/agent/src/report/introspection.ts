import { formatCidr4, ipv4ToBytes, parseCidr4, type Cidr4, type Ipv4 } from "@slash28/address";
import { routeTableOf, type InspectedBlock, type InspectedEni, type Settings, type UsedAddress } from "@slash28/ipam";
import type { Node } from "../node.ts";
import { warmTargetsText } from "./warm-targets.ts";

/** The paths of the VPC CNI's introspection endpoint that are answered, and one more. */
export const COMMANDS = [
  "/v1/enis",
  "/v1/eni-configs",
  "/v1/networkutils-env-settings",
  "/v1/ipamd-env-settings",
  "/v1/warm-targets",
] as const;

type Json = Readonly<Record<string, unknown>>;

/** Go's zero time. */
const NEVER = "0001-01-01T00:00:00Z";

/** The answer to one path, in upstream's JSON shape; any other path lists the commands. */
export function introspect(path: string, node: Node, now: number): { readonly status: number; readonly body: unknown } {
  switch (path) {
    case "/v1/enis":
      return { status: 200, body: { "0": enisOf(node, now) } };
    case "/v1/eni-configs":
      return node.eniConfigName === undefined ? { status: 404, body: null } : { status: 200, body: node.eniConfigName };
    case "/v1/networkutils-env-settings":
      return { status: 200, body: networkSettings(node.settings) };
    case "/v1/ipamd-env-settings":
      return { status: 200, body: poolSettings(node.settings) };
    case "/v1/warm-targets":
      return { status: 200, body: warmTargetsText(node, now) };
    default:
      return { status: 200, body: { AvailableCommands: COMMANDS } };
  }
}

function enisOf({ ledger }: Node, now: number): Json {
  const { held, assigned } = ledger.counts(now);
  return { TotalIPs: held, AssignedIPs: assigned, ENIs: Object.fromEntries(ledger.inspect().map((eni) => [eni.id, eniOf(eni)])) };
}

function eniOf(eni: InspectedEni): Json {
  return {
    ID: eni.id,
    IsPrimary: eni.isPrimary,
    IsTrunk: eni.facts.role === "trunk",
    IsEFA: eni.facts.role === "efa",
    DeviceNumber: eni.facts.deviceIndex,
    AvailableIPv4Cidrs: Object.fromEntries(eni.blocks.map((block) => [block.cidr, blockOf(block)])),
    IPv6Cidrs: {},
    IsExcludedForPodIPs: !eni.facts.takesPods,
    RouteTableID: routeTableOf(eni.facts),
    SubnetID: eni.facts.subnetId,
  };
}

function blockOf(block: InspectedBlock): Json {
  const cidr = parseCidr4(block.cidr);
  return {
    Cidr: { IP: block.cidr.split("/")[0], Mask: cidr === undefined ? "" : maskOf(cidr) },
    IPAddresses: Object.fromEntries(block.addresses.map((used) => [used.address, addressOf(used)])),
    IsPrefix: block.isPrefix,
    AddressFamily: "",
  };
}

/** Container ids stay inside, as upstream's do. */
function addressOf({ address, holder, releasedAt }: UsedAddress): Json {
  return {
    Address: address,
    IPAMKey: { networkName: holder?.key.networkName ?? "", containerID: "", ifName: "" },
    IPAMMetadata: {
      ...(holder?.owner === undefined ? {} : { k8sPodNamespace: holder.owner.namespace, k8sPodName: holder.owner.name }),
      ...(holder === undefined ? {} : { interfacesCount: 1 }),
    },
    AssignedTime: timeOf(holder?.reservedAt),
    UnassignedTime: timeOf(releasedAt),
  };
}

/** The mask's bytes as Go prints bytes: base64. */
function maskOf(cidr: Cidr4): string {
  const mask = cidr.length === 0 ? 0 : (0xffff_ffff << (32 - cidr.length)) >>> 0;
  return Buffer.from(ipv4ToBytes(mask as Ipv4)).toString("base64");
}

function timeOf(at: number | undefined): string {
  return at === undefined || at <= 0 ? NEVER : new Date(at).toISOString();
}

const RANDOM_PORTS = { none: 0, hashrandom: 1, prng: 2 } as const;

function networkSettings({ host }: Settings): Json {
  return {
    AWS_VPC_K8S_CNI_CONNMARK: host.connectionMark,
    AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: listOrNull(host.excludeSnatCidrs),
    AWS_VPC_K8S_CNI_EXTERNALSNAT: host.externalSnat,
    AWS_EXTERNAL_SERVICE_CIDRS: listOrNull(host.externalServiceCidrs),
    AWS_VPC_ENI_MTU: host.eniMtu,
    AWS_VPC_K8S_CNI_VETHPREFIX: host.vethPrefix,
    AWS_VPC_CNI_NODE_PORT_SUPPORT: host.nodePortSupport,
    AWS_VPC_K8S_CNI_RANDOMIZESNAT: RANDOM_PORTS[host.randomizeSnat],
  };
}

function poolSettings({ pool, enis }: Settings): Json {
  return {
    WARM_IP_TARGET: pool.warmIpTarget ?? 0,
    WARM_ENI_TARGET: pool.warmEniTarget,
    AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: pool.customNetworking,
    AWS_MANAGE_ENIS_NON_SCHEDULABLE: enis.manageWhenUnschedulable,
    ENABLE_SUBNET_DISCOVERY: enis.subnetDiscovery,
  };
}

function listOrNull(cidrs: readonly Cidr4[]): readonly string[] | null {
  return cidrs.length === 0 ? null : cidrs.map(formatCidr4);
}
