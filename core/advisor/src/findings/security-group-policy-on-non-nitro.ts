import { policiesInForce } from "../snapshot/group-policies.ts";
import { counted, fact, named, objectOf, type Check } from "./check.ts";

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
          fact(`${counted(pods.length, "pod")} ask for a branch ENI, ${pending.length} of them have no node`, pending.length),
          ...pending.slice(0, 1).map((pod) => fact(`the scheduler says: ${pod.unschedulable ?? "nothing"}`)),
        ],
        cause: `${named(types)} are not types that can trunk, so their nodes have no place for a branch ENI. The matched pods fit on no such node.`,
        fix: {
          commands: [
            "aws ec2 describe-instance-types --filters Name=hypervisor,Values=nitro --query 'InstanceTypes[].InstanceType' --output text",
            "aws eks create-nodegroup --cluster-name " +
              (view.snapshot.cluster?.name ?? "<cluster>") +
              " --nodegroup-name with-trunks --instance-types m5.large --subnets <subnets> --node-role <node-role-arn>",
          ],
          risk: "New nodes cost money until the old ones are gone.",
          needsNodeReplacement: true,
        },
      },
    ];
  },
};
