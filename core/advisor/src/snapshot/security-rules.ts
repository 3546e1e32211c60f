import { cidr4Has, type Ipv4, type SecurityGroupId } from "@slash28/address";
import type { SeenRule, SeenSecurityGroup } from "./aws-objects.ts";
import type { ClusterView } from "./cluster-view.ts";

/** The other end of a flow: its addresses, and the groups of its ENIs. Either may be unknown, that is empty. */
export interface Peer {
  readonly addresses: readonly Ipv4[];
  readonly groupIds: readonly SecurityGroupId[];
}

const PROTOCOLS: Readonly<Record<string, string>> = { tcp: "6", udp: "17" };

/** Whether some rule lets this port through to, or from, every address of the peer. Prefix lists count as yes: what is in them is not known. */
export function rulesAllow(rules: readonly SeenRule[], protocol: "tcp" | "udp", port: number, peer: Peer): boolean {
  const fitting = rules.filter((rule) => isOf(rule, protocol) && hasPort(rule, port));
  if (fitting.some(({ prefixListIds }) => prefixListIds.length > 0)) return true;
  if (fitting.some(({ groupIds }) => groupIds.some((id) => peer.groupIds.includes(id)))) return true;
  const ranges = fitting.flatMap(({ cidrs }) => cidrs);
  if (peer.addresses.length > 0) return peer.addresses.every((address) => ranges.some((range) => cidr4Has(range, address)));
  return ranges.length > 0 || (peer.groupIds.length === 0 && fitting.some(({ groupIds }) => groupIds.length > 0));
}

function isOf({ protocol }: SeenRule, wanted: string): boolean {
  return protocol === "-1" || protocol === wanted || protocol === PROTOCOLS[wanted];
}

function hasPort({ protocol, ports }: SeenRule, port: number): boolean {
  return protocol === "-1" || ports === undefined || (ports.from <= port && port <= ports.to);
}

/** The groups of these ids that the snapshot has; `undefined`: not all of them. */
export function groupsOf({ snapshot }: ClusterView, ids: readonly SecurityGroupId[]): readonly SeenSecurityGroup[] | undefined {
  const groups = ids.flatMap((id) => snapshot.securityGroups?.find((group) => group.id === id) ?? []);
  return groups.length === ids.length ? groups : undefined;
}

/** Cluster DNS as a pod's packets meet it: its pods, for the service's address is translated on the node. */
export function clusterDns(view: ClusterView): Peer {
  const pods = view.livePods.filter(({ namespace, labels }) => namespace === "kube-system" && labels["k8s-app"] === "kube-dns");
  const addresses = pods.flatMap((pod) => pod.addresses);
  const nodes = new Set(pods.flatMap(({ nodeName }) => nodeName ?? []));
  const enis = view.nodes.filter(({ name }) => nodes.has(name)).flatMap((node) => node.enis);
  const { clusterGroupId } = view.snapshot.cluster ?? {};
  const groupIds = new Set([...enis.flatMap((eni) => eni.groupIds), ...(clusterGroupId === undefined ? [] : [clusterGroupId])]);
  return { addresses, groupIds: [...groupIds] };
}
