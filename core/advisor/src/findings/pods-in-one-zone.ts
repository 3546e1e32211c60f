import { podSubnetsOf } from "../snapshot/pod-subnets.ts";
import { groupBy, usesPool, waitsForAddress } from "../snapshot/cluster-view.ts";
import { counted, fact, named, type Check } from "./check.ts";

export const podsInOneZone: Check = {
  id: "pods-in-one-zone",
  title: "Pods get addresses in one zone only",
  severity: "critical",
  explain:
    "Nodes are in several zones, yet pods run in one: the other zones' subnets have no address left, or the ENIConfig of those zones is missing. The cluster then has the resilience of one zone. It is found where every pod that has an address is in one zone, and pods wait, or subnets are full, in the others.",
  needs: ["nodes", "pods", "subnets"],
  uses: ["enis", "eniConfigs", "daemonSets"],
  find: (view) => {
    const byZone = groupBy(
      view.nodes.filter(({ zone, node }) => zone !== undefined && node.isReady && !node.isFargate),
      ({ zone }) => zone ?? "",
    );
    if (byZone.size < 2) return [];
    const zones = [...byZone].map(([zone, nodes]) => {
      const pods = nodes.flatMap((node) => node.pods).filter(usesPool);
      const free = [...new Set(nodes.flatMap((node) => podSubnetsOf(view, node)))].reduce((sum, subnet) => sum + subnet.free, 0);
      return {
        zone,
        nodes: nodes.length,
        addressed: pods.filter(({ addresses }) => addresses.length > 0).length,
        waiting: pods.filter(waitsForAddress).length,
        free,
      };
    });
    const served = zones.filter(({ addressed }) => addressed > 0);
    const starved = zones.filter(({ addressed, waiting, free }) => addressed === 0 && (waiting > 0 || free === 0));
    const [only] = served;
    if (served.length !== 1 || only === undefined || starved.length === 0) return [];
    return [
      {
        objects: starved.map(({ zone }) => ({ kind: "Zone", name: zone })),
        evidence: [
          fact(`all ${counted(only.addressed, "pod")} with an address are in ${only.zone}`, only.addressed),
          ...starved.map(({ zone, nodes, waiting, free }) =>
            fact(
              `${zone}: ${counted(nodes, "ready node")}, no pod with an address, ${waiting} waiting, ${free} addresses free for pods`,
              free,
            ),
          ),
        ],
        cause: `The subnets that pods of ${named(starved.map(({ zone }) => zone))} take addresses of have none to give, or none are named for them. Kubernetes knows nothing of addresses and takes the nodes there for good ones.`,
        fix: {
          commands: [
            "aws ec2 describe-subnets --query 'Subnets[*].{Id:SubnetId,Available:AvailableIpAddressCount,AZ:AvailabilityZone}' --output table",
            ...starved.map(
              ({ zone }) =>
                `aws ec2 create-subnet --vpc-id ${view.snapshot.cluster?.vpcId ?? "<vpc>"} --cidr-block <free-range> --availability-zone ${zone} --tag-specifications 'ResourceType=subnet,Tags=[{Key=kubernetes.io/role/cni,Value=1}]'`,
            ),
          ],
          risk: "With custom networking the new subnet goes into the zone's ENIConfig instead of getting a tag, and holds for new nodes.",
          needsNodeReplacement: view.settings.pool.customNetworking,
        },
      },
    ];
  },
};
