import { counted, fact, objectOf, type Check } from "./check.ts";
import { clusterName } from "./cluster-name.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { restartCommands } from "./restart-commands.ts";

const CREDENTIALS = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

export const podIdentityOnFargate: Check = {
  id: "pod-identity-on-fargate",
  title: "Pods on Fargate rely on EKS Pod Identity, which is not there",
  severity: "critical",
  explain:
    "EKS Pod Identity hands credentials out by an agent on each node. On Fargate there is no such agent: a pod whose service account has an association finds nobody at 169.254.170.23. IAM roles for service accounts (IRSA) work there.",
  needs: ["pods", "podIdentities"],
  uses: ["serviceAccounts", "cluster"],
  find: (view) => {
    const { snapshot, livePods } = view;
    const associated = livePods.filter(
      ({ isFargate, namespace, serviceAccount, envNames }) =>
        isFargate &&
        (envNames.includes(CREDENTIALS) ||
          snapshot.podIdentities?.some((each) => each.namespace === namespace && each.serviceAccount === serviceAccount) === true),
    );
    const stranded = associated.filter(
      ({ namespace, serviceAccount }) =>
        snapshot.serviceAccounts?.some(
          (account) => account.namespace === namespace && account.name === serviceAccount && account.roleArn !== undefined,
        ) !== true,
    );
    if (stranded.length === 0) return [];
    const accounts = [...new Map(stranded.map((pod) => [`${pod.namespace}/${pod.serviceAccount}`, pod])).values()];
    return [
      {
        objects: stranded.map((pod) => objectOf("Pod", pod)),
        evidence: accounts.map(({ namespace, serviceAccount }) => {
          const pods = stranded.filter((pod) => pod.namespace === namespace && pod.serviceAccount === serviceAccount).length;
          return fact(
            `${namespace}/${serviceAccount} has a Pod Identity association and no role for IRSA; ${counted(pods, "pod")} of it ${pods === 1 ? "runs" : "run"} on Fargate`,
            pods,
          );
        }),
        cause:
          "The agent that answers for Pod Identity runs on EC2 nodes only. On Fargate nobody answers, so these pods get no AWS credentials.",
        fix: {
          commands: [
            `aws eks describe-cluster --name ${clusterName(view)} --query cluster.identity.oidc.issuer --output text`,
            ...accounts.map(
              ({ namespace, serviceAccount }) =>
                `kubectl annotate serviceaccount -n ${namespace} ${serviceAccount} --overwrite eks.amazonaws.com/role-arn=${roleFor(snapshot, namespace, serviceAccount)}`,
            ),
            ...restartCommands(stranded),
          ],
          risk: "The role's trust policy must name the OIDC provider that the first command prints, for this service account, or the pods are refused.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: (_, { objects }) => ({ kind: "nothing-moves", podsToRestart: objects.length }),
};

/** The association's own role: what it may do is what the pods were to do. */
function roleFor({ podIdentities = [] }: Snapshot, namespace: string, serviceAccount: string): string {
  const association = podIdentities.find((each) => each.namespace === namespace && each.serviceAccount === serviceAccount);
  return association?.roleArn ?? "<role-that-trusts-the-oidc-provider>";
}
