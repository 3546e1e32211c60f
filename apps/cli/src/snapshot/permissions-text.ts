import { stringify } from "yaml";
import { permissions } from "./permissions.ts";

/** The permissions as a person applies them: the policy for IAM, the manifests for kubectl. */
export function permissionsText(): string {
  const { iamPolicy, rbac } = permissions();
  return [
    "# IAM policy, for: aws iam create-policy --policy-name slash28-snapshot --policy-document file://policy.json",
    JSON.stringify(iamPolicy, null, 2),
    "",
    "# Kubernetes, for: kubectl apply -f -   (bind both to whoever takes the snapshot)",
    rbac.map((object) => stringify(object).trimEnd()).join("\n---\n"),
  ].join("\n");
}
