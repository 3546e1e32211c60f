import { policiesInForce } from "../snapshot/group-policies.ts";
import { counted, fact, named, objectOf, type Check } from "./check.ts";
import { unknownEffect } from "../effect/planned-effect.ts";
import { clusterName } from "./cluster-name.ts";
import { placeOfGroup } from "./place-of-group.ts";

export const securityGroupPolicyOnNonNitro: Check = {
  id: "security-group-policy-on-non-nitro",
  title: "Pods with security groups of their own meet nodes that have no trunk ENI",
  severity: "warning",
  explain:
    "A pod that a SecurityGroupPolicy matches needs a branch ENI, and branch ENIs hang on a trunk ENI, which only Nitro types that can trunk have (not t2, t3, m4, c4). Such nodes offer no vpc.amazonaws.com/pod-eni, so the pod is never placed there; with no other nodes it stays Pending for good.",
  needs: ["securityGroupPolicies", "pods", "nodes"],
  uses: ["instances", "serviceAccounts", "instanceTypes"],
  find: (view) => {
    const inForce = policiesInForce(view);
    const nodes = view.nodes.filter(({ node, limits }) => !node.isFargate && limits !== undefined);
    const unfit = nodes.filter(({ limits }) => limits?.trunkingCompatible === false);
    const isSpread = unfit.length > 0 && unfit.length < nodes.length;
    const pods = [...new Set(inForce.flatMap((each) => each.pods))].filter(({ isFargate }) => !isFargate);
    const pending = pods.filter(({ phase, nodeName }) => phase === "Pending" && nodeName === undefined);
    // Where other nodes take every such pod, a few unfit ones harm nobody.
    if (unfit.length === 0 || pods.length === 0 || (isSpread && pending.length === 0)) return [];
    const cluster = clusterName(view);
    const types = [...new Set(unfit.map(({ type }) => type ?? ""))];
    return [
      {
        severity: isSpread ? ("warning" as const) : ("critical" as const),
        objects: [
          ...inForce.map(({ policy }) => objectOf("SecurityGroupPolicy", policy)),
          ...unfit.map(({ name }) => objectOf("Node", { name })),
        ],
        evidence: [
          fact(`${unfit.length} of ${counted(nodes.length, "node")} cannot have a trunk ENI: ${named(types)}`, unfit.length),
          fact(
            `${counted(pods.length, "pod asks", "pods ask")} for a network interface of its own (a branch ENI), ${pending.length} of them without a node`,
            pending.length,
          ),
          ...pending.slice(0, 1).map((pod) => fact(`the scheduler says: ${pod.unschedulable ?? "nothing"}`)),
        ],
        cause: `A pod with security groups of its own needs a branch ENI, which hangs on a trunk ENI, and ${named(types)} can have none. The matched pods fit on no such node.`,
        fix: {
          commands: [
            `aws eks create-nodegroup --cluster-name ${cluster} --nodegroup-name with-trunks --instance-types m5.large ${placeOfGroup(view, unfit[0]?.node.nodeGroup)}`,
            `aws eks wait nodegroup-active --cluster-name ${cluster} --nodegroup-name with-trunks`,
          ],
          risk: "The old nodes stay, and go on costing money until you delete their group. Any Nitro type but t3 will do in place of m5.large.",
          needsNodeReplacement: true,
        },
      },
    ];
  },
  effect: () => unknownEffect("how many of the new nodes there will be, and how many pods go there, is for you to choose"),
};
