import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import type { ClusterView, ViewNode } from "../snapshot/cluster-view.ts";
import { isForPodsByTag } from "../snapshot/pod-subnets.ts";
import { named } from "./check.ts";
import { newPodSubnets, type NewPodSubnet } from "./new-pod-subnet.ts";

/** Where ENIs for the pods of a zone are to be made: in a subnet that is there, or in one that the fix makes. */
export type EniConfigSubnet =
  | { readonly kind: "there"; readonly subnet: SeenSubnet; readonly others: readonly SeenSubnet[] }
  | { readonly kind: "new"; readonly subnet: NewPodSubnet };

/** With fewer free addresses a subnet is no help. */
const ROOM = 16;

/**
 * The subnet that an ENIConfig for these nodes should name: of their zone and VPC, neither a node's own nor the control plane's, tagged for pods rather than
 * not, the roomiest first. Where there is none, a new one.
 */
export function subnetForEniConfig(view: ClusterView, zone: string, nodes: readonly ViewNode[]): EniConfigSubnet | undefined {
  const vpcId = nodes.flatMap(({ subnet }) => subnet?.vpcId ?? [])[0] ?? view.snapshot.cluster?.vpcId;
  const cluster = new Set<string>(view.snapshot.cluster?.subnetIds);
  const ofNodes = new Set<string>(view.nodes.flatMap(({ subnet }) => subnet?.id ?? []));
  const fitting = (view.snapshot.subnets ?? []).filter(
    (subnet) =>
      subnet.zone === zone &&
      (vpcId === undefined || subnet.vpcId === vpcId) &&
      !ofNodes.has(subnet.id) &&
      !cluster.has(subnet.id) &&
      !isPublic(view, subnet) &&
      subnet.free >= ROOM,
  );
  const [best, ...others] = fitting.toSorted((a, b) => Number(isForPodsByTag(b)) - Number(isForPodsByTag(a)) || b.free - a.free);
  if (best !== undefined) return { kind: "there", subnet: best, others };
  const [made] = newPodSubnets(view, [{ zone, vpcId, hasCniTag: false }]);
  return made === undefined ? undefined : { kind: "new", subnet: made };
}

function isPublic({ snapshot }: ClusterView, { id, tags }: SeenSubnet): boolean {
  const table = snapshot.routeTables?.find(({ subnetIds }) => subnetIds.includes(id));
  return tags["kubernetes.io/role/elb"] !== undefined || table?.hasInternetGateway === true;
}

/** The id, or the shell variable that has it. */
export function subnetWord(found: EniConfigSubnet | undefined, zone: string): string {
  if (found === undefined) return `<subnet-in-${zone}>`;
  return found.kind === "there" ? found.subnet.id : `$${found.subnet.variable}`;
}

/** What else a person may choose. */
export function choiceText(found: EniConfigSubnet | undefined): string {
  const others = found?.kind === "there" ? found.others : [];
  const choice = others.length === 0 ? "" : ` ${named(others.map(({ id }) => id))} would do, too.`;
  return `Check that the subnet's route table leads where pods talk to.${choice}`;
}
