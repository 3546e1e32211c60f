import { agentIdentityOf, nodeRolesOf } from "../snapshot/agent-role.ts";
import { fact, named, type Check } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";
import { clusterName } from "./cluster-name.ts";
import { ROLLOUT } from "./commands.ts";

export const cniRoleOnNodeRole: Check = {
  id: "cni-role-on-node-role",
  title: "aws-node's EC2 permissions are on the nodes' role",
  severity: "info",
  explain:
    "Without a role of its own aws-node, the agent that gives pods their addresses, acts as the node. Then the node's role must be allowed to make, attach and delete ENIs, and so is every pod that reaches the instance metadata service. A role for the service account aws-node alone, by IRSA or Pod Identity, takes those permissions off the nodes.",
  needs: ["serviceAccounts", "podIdentities"],
  uses: ["addons", "roles", "nodeGroups"],
  find: (view) => {
    const identity = agentIdentityOf(view);
    const holders = nodeRolesOf(view).filter(({ attached }) => attached.includes("AmazonEKS_CNI_Policy"));
    if (identity?.kind !== "node-role") return [];
    const cluster = clusterName(view);
    return [
      {
        objects: [
          { kind: "ServiceAccount", namespace: "kube-system", name: "aws-node" },
          ...holders.map(({ name }) => ({ kind: "Role", name })),
        ],
        evidence: [
          fact("the service account kube-system/aws-node has no role: neither an annotation, nor an association, nor one of the add-on"),
          ...(holders.length === 0
            ? []
            : [fact(`AmazonEKS_CNI_Policy is attached to ${named(holders.map(({ name }) => name))}`, holders.length)]),
        ],
        cause:
          "aws-node falls back to the nodes' role, which therefore holds the right to change network interfaces. Every pod that can ask the metadata service has it, too.",
        fix: {
          commands: [
            'aws iam create-role --role-name eks-cni-role --assume-role-policy-document \'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}\'',
            "aws iam attach-role-policy --role-name eks-cni-role --policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
            `aws eks create-pod-identity-association --cluster-name ${cluster} --namespace kube-system --service-account aws-node --role-arn "$(aws iam get-role --role-name eks-cni-role --query Role.Arn --output text)"`,
            "kubectl rollout restart daemonset aws-node -n kube-system",
            ROLLOUT,
            ...holders.map(
              ({ name }) => `aws iam detach-role-policy --role-name ${name} --policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy`,
            ),
          ],
          risk: "Detach the policy from the nodes' role only after aws-node has restarted everywhere. Pod Identity needs the add-on eks-pod-identity-agent.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: () => NOTHING_MOVES,
};
