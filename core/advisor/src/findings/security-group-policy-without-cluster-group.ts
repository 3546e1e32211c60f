import { policiesInForce } from "../snapshot/group-policies.ts";
import { groupsOf, rulesAllow } from "../snapshot/security-rules.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";
import { restartCommands } from "./restart-commands.ts";

export const securityGroupPolicyWithoutClusterGroup: Check = {
  id: "security-group-policy-without-cluster-group",
  title: "A SecurityGroupPolicy leaves the cluster's security group out",
  severity: "warning",
  explain:
    "A pod with a branch ENI has the groups of its policy and no others: the node's no longer hold for it. Without the cluster group, which lets everything through between its members, kubelet's probes may not reach the pod and the pod may not reach cluster DNS. A policy that leaves it out is told unless its groups let the cluster group in by rules of their own.",
  needs: ["securityGroupPolicies", "cluster", "pods"],
  uses: ["securityGroups", "serviceAccounts"],
  find: (view) => {
    const clusterGroup = view.snapshot.cluster?.clusterGroupId;
    if (clusterGroup === undefined) return [];
    return policiesInForce(view).flatMap(({ policy, pods }): readonly Found[] => {
      const { namespace, name, groupIds } = policy;
      if (groupIds.includes(clusterGroup)) return [];
      const groups = groupsOf(view, groupIds);
      const peer = { addresses: [], groupIds: [clusterGroup] };
      const cluster = groupsOf(view, [clusterGroup])?.[0];
      const letsDnsIn = cluster?.ingress.some((rule) => rule.groupIds.some((id) => groupIds.includes(id)));
      const letsProbesIn = groups?.some(({ ingress }) => ingress.some((rule) => rule.groupIds.includes(clusterGroup)));
      const isOpenOut = groups?.some(({ egress }) => rulesAllow(egress, "udp", 53, peer));
      if (letsDnsIn === true && letsProbesIn === true && isOpenOut === true) return [];
      return [
        {
          objects: [objectOf("SecurityGroupPolicy", policy)],
          evidence: [
            fact(`${namespace}/${name} gives ${counted(pods.length, "pod")} the groups ${named(groupIds)}`, pods.length),
            fact(`the cluster's group is ${clusterGroup}`, clusterGroup),
            ...(groups === undefined
              ? []
              : [fact(`${letsProbesIn === true ? "a" : "no"} rule of them lets ${clusterGroup} in, as probes need`)]),
            ...(cluster === undefined
              ? []
              : [fact(`${letsDnsIn === true ? "a" : "no"} rule of ${clusterGroup} lets them in, as DNS needs`)]),
          ],
          cause:
            "The policy's groups replace the node's, and the cluster group is not among them. kubelet's probes and queries to cluster DNS then depend on rules that nobody wrote.",
          fix: {
            commands: [
              `kubectl patch securitygrouppolicy -n ${namespace} ${name} --type merge -p '${JSON.stringify({ spec: { securityGroups: { groupIds: [...groupIds, clusterGroup] } } })}'`,
              ...restartCommands(pods),
            ],
            risk: "The pods can be reached from every member of the cluster group then; with rules for probes and DNS in the pods' own group they need not be. Pods get the new groups when they are made again.",
            needsNodeReplacement: false,
          },
        },
      ];
    });
  },
  effect: (view, { objects }) => ({
    kind: "nothing-moves",
    podsToRestart: policiesInForce(view)
      .filter(({ policy }) => objects.some(({ namespace, name }) => namespace === policy.namespace && name === policy.name))
      .reduce((sum, { pods }) => sum + pods.length, 0),
  }),
};
