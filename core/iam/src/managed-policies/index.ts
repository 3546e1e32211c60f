import type { ManagedPolicy } from "../account/account.ts";
import { EKS_POLICIES } from "./eks.ts";
import { GENERAL_POLICIES } from "./general.ts";
import type { AwsManagedPolicy } from "./aws-managed-policy.ts";

/** AWS's managed policies that the lab knows, by ARN. Sorted by name. */
export const AWS_MANAGED_POLICIES: ReadonlyMap<string, ManagedPolicy> = new Map(
  [...EKS_POLICIES, ...GENERAL_POLICIES]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((policy) => {
      const managed = asManagedPolicy(policy);
      return [managed.arn, managed];
    }),
);

function asManagedPolicy({ name, id, path = "/", description, version, createdAt, updatedAt, document }: AwsManagedPolicy): ManagedPolicy {
  return {
    name,
    id,
    path,
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    description,
    createdAt,
    updatedAt,
    defaultVersion: `v${version}`,
    versions: [{ id: `v${version}`, document: JSON.stringify(document, null, 4), createdAt: updatedAt }],
    versionsMade: version,
    tags: {},
  };
}
