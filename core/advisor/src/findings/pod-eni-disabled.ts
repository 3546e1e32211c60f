import { counted, fact, objectOf, type Check } from "./check.ts";
import { ROLLOUT, setEnv } from "./commands.ts";
import { unknownEffect } from "../effect/planned-effect.ts";

export const podEniDisabled: Check = {
  id: "pod-eni-disabled",
  title: "There are SecurityGroupPolicies, and security groups for pods are off",
  severity: "warning",
  explain:
    "SecurityGroupPolicies are heeded only where ENABLE_POD_ENI is true: it makes nodes ask for a trunk ENI. Without it a matched pod finds no vpc.amazonaws.com/pod-eni on any node and stays Pending, or is made with the node's groups.",
  needs: ["securityGroupPolicies", "daemonSets"],
  uses: [],
  find: (view) => {
    const policies = view.snapshot.securityGroupPolicies ?? [];
    if (policies.length === 0 || !view.hasSettings || view.isOn("ENABLE_POD_ENI")) return [];
    return [
      {
        objects: policies.map((policy) => objectOf("SecurityGroupPolicy", policy)),
        evidence: [
          fact(counted(policies.length, "SecurityGroupPolicy", "SecurityGroupPolicies"), policies.length),
          fact(`ENABLE_POD_ENI is ${view.env["ENABLE_POD_ENI"] ?? "not set"}`, view.env["ENABLE_POD_ENI"] ?? "not set"),
        ],
        cause:
          "A pod gets security groups of its own by a branch ENI, which hangs on its node's trunk ENI, and with ENABLE_POD_ENI off no node asks for one. The policies have no effect, or keep their pods from starting.",
        fix: {
          commands: [setEnv({ ENABLE_POD_ENI: "true", POD_SECURITY_GROUP_ENFORCING_MODE: "standard" }), ROLLOUT],
          risk: "The trunk takes the place of one ENI on each node: a node that has all its ENIs in use gets none. Pods get their groups when they are made again.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: () =>
    unknownEffect(
      "trunk and branch network interfaces of an observed cluster are not simulated; each node that has a place for another takes one with an address, and each matched pod one more once it is made again",
    ),
};
