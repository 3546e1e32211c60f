import { formatCidr4, formatIpv4 } from "@slash28/address";
import { policiesInForce } from "../snapshot/group-policies.ts";
import { clusterDns, groupsOf, rulesAllow } from "../snapshot/security-rules.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";

export const securityGroupPolicyWithoutDnsEgress: Check = {
  id: "security-group-policy-without-dns-egress",
  title: "Pods with security groups of their own cannot ask cluster DNS",
  severity: "critical",
  explain:
    "A security group that was made with rules of its own lets nothing out that no rule names. A pod whose groups let neither UDP nor TCP 53 out to cluster DNS times out on every name, which looks like a database that does not answer. Rules are weighed against the addresses of the DNS pods, for the node has translated the service's address before the packet leaves.",
  needs: ["securityGroupPolicies", "securityGroups", "pods"],
  uses: ["cluster", "nodes", "enis", "serviceAccounts"],
  find: (view) => {
    const dns = clusterDns(view);
    return policiesInForce(view).flatMap(({ policy, pods }): readonly Found[] => {
      const groups = groupsOf(view, policy.groupIds);
      if (groups === undefined) return [];
      const egress = groups.flatMap((group) => group.egress);
      const closed = (["udp", "tcp"] as const).filter((protocol) => !rulesAllow(egress, protocol, 53, dns));
      const [group] = policy.groupIds;
      if (closed.length === 0 || group === undefined) return [];
      const to = dns.groupIds[0];
      return [
        {
          severity: closed.includes("udp") ? ("critical" as const) : ("warning" as const),
          objects: [objectOf("SecurityGroupPolicy", policy), ...policy.groupIds.map((id) => ({ kind: "SecurityGroup", name: id }))],
          evidence: [
            fact(
              `${named(policy.groupIds)} ${policy.groupIds.length === 1 ? "has" : "have"} ${counted(egress.length, "egress rule")}, none of which lets ${closed.map((each) => each.toUpperCase()).join(" or ")} 53 out to cluster DNS`,
              egress.length,
            ),
            fact(
              `cluster DNS is at ${dns.addresses.length === 0 ? "addresses that are not in the snapshot" : named(dns.addresses.map(formatIpv4))}`,
            ),
            fact(`${counted(pods.length, "pod")} ${pods.length === 1 ? "has" : "have"} these groups`, pods.length),
          ],
          cause:
            "The groups of a policy hold for its pods in place of the node's, and they do not let DNS queries out. Every lookup times out, whatever the pod talks to.",
          fix: {
            commands: closed.map(
              (protocol) =>
                `aws ec2 authorize-security-group-egress --group-id ${group} --protocol ${protocol} --port 53 ${to === undefined ? `--cidr ${vpcRange(view)}` : `--source-group ${to}`}`,
            ),
            risk: "None for other traffic; the rules hold at once for running pods. The group of the DNS pods must let them in, too.",
            needsNodeReplacement: false,
          },
        },
      ];
    });
  },
  effect: () => NOTHING_MOVES,
};

function vpcRange({ snapshot }: ClusterView): string {
  const vpc = snapshot.vpcs?.find(({ id }) => snapshot.cluster?.vpcId === undefined || id === snapshot.cluster.vpcId);
  const [range] = vpc?.cidrs ?? [];
  return range === undefined ? "<vpc-cidr>" : formatCidr4(range);
}
