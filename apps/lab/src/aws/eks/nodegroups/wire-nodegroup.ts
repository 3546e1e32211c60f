import type { AMITypes, Nodegroup as WireNodegroup, NodegroupIssueCode, Taint as WireTaint } from "@aws-sdk/client-eks";
import type { GroupTaint, Nodegroup } from "@slash28/node-groups";
import { RestError } from "../../rest-json/index.ts";

/** EKS's names of Kubernetes' effects. */
const EFFECTS = { NoSchedule: "NO_SCHEDULE", NoExecute: "NO_EXECUTE", PreferNoSchedule: "PREFER_NO_SCHEDULE" } as const;

export function wireNodegroup(group: Nodegroup): WireNodegroup {
  return {
    nodegroupName: group.name,
    nodegroupArn: group.arn,
    clusterName: group.cluster,
    version: group.version,
    releaseVersion: group.releaseVersion,
    createdAt: new Date(group.createdAt),
    modifiedAt: new Date(group.modifiedAt),
    status: group.status,
    capacityType: group.capacityType,
    scalingConfig: { ...group.scaling },
    instanceTypes: group.instanceTypes.length === 0 ? undefined : [...group.instanceTypes],
    subnets: [...group.subnets],
    remoteAccess:
      group.remoteAccess === undefined
        ? undefined
        : { ec2SshKey: group.remoteAccess.ec2SshKey, sourceSecurityGroups: [...(group.remoteAccess.sourceSecurityGroups ?? [])] },
    amiType: group.amiType as AMITypes,
    nodeRole: group.nodeRole,
    labels: { ...group.labels },
    taints: group.taints.length === 0 ? undefined : group.taints.map(wireTaint),
    resources: { autoScalingGroups: [{ name: `eks-${group.name}-${group.uuid}` }] },
    diskSize: group.diskSize,
    health: {
      issues: group.health.map(({ code, message, resourceIds }) => ({
        code: code as NodegroupIssueCode,
        message,
        resourceIds: [...resourceIds],
      })),
    },
    updateConfig: { ...group.updateConfig },
    launchTemplate:
      group.launchTemplate === undefined ? undefined : { ...group.launchTemplate, version: String(group.launchTemplate.version) },
    tags: { ...group.tags },
  };
}

export function wireTaint({ key, value, effect }: GroupTaint): WireTaint {
  return { key, ...(value === undefined ? {} : { value }), effect: EFFECTS[effect] };
}

export function groupTaint({ key = "", value, effect }: WireTaint): GroupTaint {
  const found = (Object.keys(EFFECTS) as (keyof typeof EFFECTS)[]).find((name) => EFFECTS[name] === effect);
  if (found === undefined) {
    throw new RestError(
      "InvalidParameterException",
      `The effect of the taint ${key} must be one of ${Object.values(EFFECTS).join(", ")}.`,
      400,
    );
  }
  return { key, ...(value === undefined ? {} : { value }), effect: found };
}
