import { subnetsInUse } from "../snapshot/pod-subnets.ts";
import { counted, fact, type Check } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";

export const dns64OnPodSubnets: Check = {
  id: "dns64-on-pod-subnets",
  title: "Subnets of IPv6 pods synthesise IPv6 addresses for IPv4 names",
  severity: "warning",
  explain:
    "In an IPv6 cluster pods reach IPv4 by a node-local IPv4 address that the node translates. With DNS64 on their subnet, the VPC's resolver answers a synthesised 64:ff9b:: address for a name that has IPv4 addresses only, and the traffic goes through NAT64 at a NAT gateway instead: dearer, and broken where there is no such route.",
  needs: ["subnets", "nodes"],
  uses: ["cluster", "enis", "instances", "daemonSets"],
  find: (view) => {
    if (!view.isIpv6) return [];
    const used = subnetsInUse(view).filter(({ subnet }) => subnet.hasDns64);
    if (used.length === 0) return [];
    return [
      {
        objects: used.map(({ subnet }) => ({ kind: "Subnet", name: subnet.id })),
        evidence: used.map(({ subnet, nodes }) => fact(`${subnet.id} has EnableDns64, and ${counted(nodes.length, "node")}`, "true")),
        cause:
          "DNS64 makes pods take the way through NAT64 at a NAT gateway to hosts that have IPv4 only. The node's own translation would have brought them there for nothing.",
        fix: {
          commands: used.map(({ subnet }) => `aws ec2 modify-subnet-attribute --subnet-id ${subnet.id} --no-enable-dns64`),
          risk: "Instances in the subnet that have no IPv4 address at all lose their way to IPv4.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: () => NOTHING_MOVES,
};
