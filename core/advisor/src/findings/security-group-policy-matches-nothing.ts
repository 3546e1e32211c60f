import { isHeeded, podsOf } from "../snapshot/group-policies.ts";
import { fact, objectOf, type Check, type Found } from "./check.ts";
import { unknownEffect } from "../effect/planned-effect.ts";

export const securityGroupPolicyMatchesNothing: Check = {
  id: "security-group-policy-matches-nothing",
  title: "A SecurityGroupPolicy matches no pod",
  severity: "warning",
  explain:
    "A SecurityGroupPolicy selects pods of its own namespace by their labels, or by the labels of their service accounts (not by an account's name); with both selectors, both must match. One without selectors or without groups is skipped without a word. Pods get their groups when they are made: a policy that comes later changes nothing for them.",
  needs: ["securityGroupPolicies", "pods"],
  uses: ["serviceAccounts"],
  find: (view) =>
    (view.snapshot.securityGroupPolicies ?? []).flatMap((policy): readonly Found[] => {
      const isByAccount = policy.serviceAccountSelector !== undefined;
      if (isByAccount && view.snapshot.serviceAccounts === undefined) return [];
      if (podsOf(view, policy).length > 0) return [];
      const { namespace, name } = policy;
      const pods = view.livePods.filter((pod) => pod.namespace === namespace).length;
      const why = isHeeded(policy)
        ? `none of the ${pods} pods of ${namespace} has the labels it asks for${isByAccount ? ", or a service account that has" : ""}`
        : policy.groupIds.length === 0
          ? "it names no security group, so it is skipped"
          : "it has no selector, so it is skipped";
      return [
        {
          objects: [objectOf("SecurityGroupPolicy", policy)],
          evidence: [fact(`${namespace}/${name}: ${why}`, 0)],
          cause:
            "The policy's selectors do not fit any pod of its namespace, so no pod gets its groups. Those it was meant for run with the node's groups.",
          fix: {
            commands: [
              `kubectl get pods -n ${namespace} --show-labels`,
              `kubectl get serviceaccounts -n ${namespace} --show-labels`,
              `kubectl edit securitygrouppolicy -n ${namespace} ${name}`,
            ],
            risk: "Pods keep the groups they were made with: restart those that are to have the policy's.",
            needsNodeReplacement: false,
          },
        },
      ];
    }),
  effect: () =>
    unknownEffect(
      "which pods the mended policy matches is not known; each of them takes an address for a branch network interface of its own in place of one of its node's, once it is made again",
    ),
};
