import type { InstanceId } from "@slash28/address";
import { INSTANCE_TAG, type EniSettings } from "@slash28/ipam";
import type { Tags } from "@slash28/ports";

export const CREATED_TAG = "node.k8s.amazonaws.com/createdAt";
export const CLUSTER_TAG = "cluster.k8s.amazonaws.com/name";
const OWNER_TAG = "eks:eni:owner";

/** What every ENI of the agent is tagged with (as the VPC CNI does), so that people, IAM policies and the leak sweep know it. */
export function eniTags(instanceId: InstanceId, settings: Pick<EniSettings, "additionalTags" | "clusterName">): Tags {
  const cluster = settings.clusterName;
  return {
    ...(cluster === undefined ? {} : { [OWNER_TAG]: "amazon-vpc-cni" }),
    ...settings.additionalTags,
    [INSTANCE_TAG]: instanceId,
    ...(cluster === undefined ? {} : { [CLUSTER_TAG]: cluster }),
  };
}
