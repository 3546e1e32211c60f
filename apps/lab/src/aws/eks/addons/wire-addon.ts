import type { Addon } from "@aws-sdk/client-eks";
import { addonNamed, type AddonRecord, type ClusterRecord } from "@slash28/eks";

/** An installed add-on as EKS shows it. */
export function wireAddon(cluster: ClusterRecord, addon: AddonRecord): Addon {
  const known = addonNamed(addon.name);
  const associations = addon.associationIds.flatMap((id) => cluster.associations[id]?.arn ?? []);
  return {
    addonName: addon.name,
    clusterName: cluster.name,
    status: addon.status,
    addonVersion: addon.version,
    health: {
      issues: addon.health.map((issue) => ({ ...issue, resourceIds: [...issue.resourceIds] })) as NonNullable<Addon["health"]>["issues"],
    },
    addonArn: addon.arn,
    createdAt: new Date(addon.createdAt),
    modifiedAt: new Date(addon.modifiedAt),
    ...(addon.serviceAccountRoleArn === undefined || addon.serviceAccountRoleArn === ""
      ? {}
      : { serviceAccountRoleArn: addon.serviceAccountRoleArn }),
    tags: { ...addon.tags },
    ...(known === undefined ? {} : { publisher: known.publisher, owner: known.owner }),
    ...(addon.configurationValues === undefined || addon.configurationValues === ""
      ? {}
      : { configurationValues: addon.configurationValues }),
    ...(associations.length === 0 ? {} : { podIdentityAssociations: associations }),
    namespaceConfig: { namespace: addon.namespace },
  };
}
