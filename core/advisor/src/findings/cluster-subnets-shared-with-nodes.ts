import { subnetsInUse } from "../snapshot/pod-subnets.ts";
import { counted, fact, type Check } from "./check.ts";
import { unknownEffect } from "../effect/planned-effect.ts";
import { clusterName } from "./cluster-name.ts";
import { freeBlocksOfVpc } from "./new-pod-subnet.ts";
import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { formatCidr4 } from "@slash28/address";

/** EKS asks for this many free addresses in a cluster subnet, at least, and recommends more (EKS user guide, subnet requirements). */
const NEEDED = 6;
const RECOMMENDED = 16;

export const clusterSubnetsSharedWithNodes: Check = {
  id: "cluster-subnets-shared-with-nodes",
  title: "The control plane's subnets are the nodes', too",
  severity: "info",
  explain:
    "EKS puts up to four network interfaces of the control plane into the cluster's subnets, and needs free addresses there for new ones at every upgrade. Where nodes and pods share those subnets they can take the last address, and the upgrade fails. Subnets of their own, as small as /28, keep the two apart.",
  needs: ["cluster", "subnets", "nodes"],
  uses: ["enis", "instances"],
  find: (view) => {
    const ids = new Set<string>(view.snapshot.cluster?.subnetIds);
    const shared = subnetsInUse(view).filter(({ subnet }) => ids.has(subnet.id));
    if (shared.length === 0) return [];
    const tight = shared.filter(({ subnet }) => subnet.free < RECOMMENDED);
    return [
      {
        severity: tight.some(({ subnet }) => subnet.free < NEEDED) ? ("warning" as const) : ("info" as const),
        objects: shared.map(({ subnet }) => ({ kind: "Subnet", name: subnet.id })),
        evidence: shared.map(({ subnet, nodes }) =>
          fact(`${subnet.id} is a cluster subnet and has ${counted(nodes.length, "node")}; ${subnet.free} addresses are free`, subnet.free),
        ),
        cause:
          "Nodes and pods take addresses of the subnets in which EKS needs some for the control plane's interfaces. When they are full, an upgrade of the cluster cannot go on.",
        fix: {
          commands: movedTo(
            view,
            shared.map(({ subnet }) => subnet),
          ),
          risk: "The new subnets must be in the same zones as the old ones. EKS moves its interfaces; the API server stays up.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: () =>
    unknownEffect(
      "EKS moves its network interfaces, four at most, when it finds time to; their addresses become free then, and pods do not notice",
    ),
};

/** A /28 for each shared subnet, in its zone; the cluster then has these in place of the shared ones. */
function movedTo(view: ClusterView, shared: readonly SeenSubnet[]): readonly string[] {
  const { cluster } = view.snapshot;
  const zones = [...new Set(shared.map(({ zone }) => zone))];
  const vpcId = cluster?.vpcId ?? shared[0]?.vpcId;
  const blocks = freeBlocksOfVpc(view, { vpcId, length: 28, count: zones.length });
  const kept = (cluster?.subnetIds ?? []).filter((id) => !shared.some((subnet) => subnet.id === id));
  const made = zones.map((_, at) => `$CLUSTER_SUBNET_${at + 1}`);
  return [
    ...zones.map((zone, at) => {
      const block = blocks[at];
      const range = block === undefined ? "<free-/28>" : formatCidr4(block);
      return `CLUSTER_SUBNET_${at + 1}=$(aws ec2 create-subnet --vpc-id ${vpcId ?? "<vpc>"} --cidr-block ${range} --availability-zone ${zone} --query Subnet.SubnetId --output text)`;
    }),
    `aws eks update-cluster-config --name ${clusterName(view)} --resources-vpc-config "subnetIds=${[...kept, ...made].join(",")}"`,
  ];
}
