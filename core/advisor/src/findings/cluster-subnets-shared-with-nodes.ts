import { subnetsInUse } from "../snapshot/pod-subnets.ts";
import { counted, fact, type Check } from "./check.ts";

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
          commands: [
            ...new Set(
              shared.map(
                ({ subnet }) =>
                  `aws ec2 create-subnet --vpc-id ${subnet.vpcId ?? "<vpc>"} --cidr-block <free-/28> --availability-zone ${subnet.zone}`,
              ),
            ),
            `aws eks update-cluster-config --name ${view.snapshot.cluster?.name ?? "<cluster>"} --resources-vpc-config subnetIds=<new-subnets>`,
          ],
          risk: "The new subnets must be in the same zones as the old ones. EKS moves its interfaces; the API server stays up.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
};
