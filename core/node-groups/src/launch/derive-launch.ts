import { leastMaxPods, maxPodsOf } from "@slash28/limits";
import {
  decodeBase64Text,
  encodeBase64Text,
  managedUserData,
  NODE_IMAGES,
  type ManagedNode,
  type NodeImage,
  type Reading,
} from "@slash28/node-bootstrap";
import type { Nodegroup } from "../nodegroup.ts";

/** A cluster as its nodes are told of it. */
export interface NodesCluster {
  readonly name: string;
  readonly endpoint: string;
  /** Base64 of the certificate authority's PEM. */
  readonly certificateAuthority: string;
  readonly serviceCidr: string;
  readonly dnsAddress: string;
  readonly securityGroupId: string;
}

/** What EKS reads off the `aws-node` DaemonSet when it computes max pods. */
export interface CniSettings {
  readonly version: string;
  readonly hasPrefixDelegation: boolean;
  readonly hasCustomNetworking: boolean;
  readonly isIpv6: boolean;
}

/** What a group's instances are launched from: launch parameters under EC2's names, without type and subnet. */
export interface DerivedLaunch {
  readonly data: Readonly<Record<string, unknown>>;
  readonly instanceTypes: readonly string[];
  readonly maxPods?: number;
}

export interface DeriveOptions {
  readonly group: Nodegroup;
  /** The operator's template at the group's version. */
  readonly template: Readonly<Record<string, unknown>> | undefined;
  readonly cluster: NodesCluster;
  readonly cni: CniSettings;
  /** Gives instances the group's role. */
  readonly instanceProfile: string;
  /** Kept from an earlier derivation, where nodes are not replaced. */
  readonly maxPods?: number;
}

const ROOT_DEVICE = "/dev/xvda";

/** Puts together the launch template that EKS makes for a group out of the group and the operator's template. */
export function deriveLaunch(options: DeriveOptions): Reading<DerivedLaunch> {
  const { group, template = {}, cluster, instanceProfile } = options;
  const type = template["InstanceType"];
  const instanceTypes = typeof type === "string" ? [type] : group.instanceTypes;
  const custom = template["ImageId"];
  const image = typeof custom === "string" ? customImage(custom, template) : managedImage(options, instanceTypes);
  if (!image.ok) return image;
  const { UserData: _own, InstanceType: _type, TagSpecifications: _tags, ...rest } = template;
  const { imageId, userData, maxPods } = image.value;
  return {
    ok: true,
    value: {
      data: {
        ...rest,
        ImageId: imageId,
        ...(userData === undefined ? {} : { UserData: encodeBase64Text(userData) }),
        IamInstanceProfile: { Name: instanceProfile },
        MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2, ...asRecord(template["MetadataOptions"]) },
        BlockDeviceMappings: template["BlockDeviceMappings"] ?? [
          { DeviceName: ROOT_DEVICE, Ebs: { VolumeSize: group.diskSize ?? 20, VolumeType: "gp3" } },
        ],
        ...securityGroups(template, cluster.securityGroupId),
        ...(group.remoteAccess?.ec2SshKey === undefined ? {} : { KeyName: group.remoteAccess.ec2SshKey }),
        TagSpecifications: tagSpecifications(group, template),
      },
      instanceTypes,
      ...(maxPods === undefined ? {} : { maxPods }),
    },
  };
}

/** Labels every node of a group bears. */
export function nodeLabels(group: Nodegroup, imageId: string): Readonly<Record<string, string>> {
  const { launchTemplate } = group;
  return {
    ...group.labels,
    "eks.amazonaws.com/nodegroup": group.name,
    "eks.amazonaws.com/capacityType": group.capacityType,
    "eks.amazonaws.com/nodegroup-image": imageId,
    ...(launchTemplate === undefined
      ? {}
      : {
          "eks.amazonaws.com/sourceLaunchTemplateId": launchTemplate.id,
          "eks.amazonaws.com/sourceLaunchTemplateVersion": String(launchTemplate.version),
        }),
  };
}

interface BootImage {
  readonly imageId: string;
  readonly userData: string | undefined;
  readonly maxPods?: number;
}

/** With an image of the operator's, EKS adds nothing: the template's user data must start the node by itself. */
function customImage(imageId: string, template: Readonly<Record<string, unknown>>): Reading<BootImage> {
  const own = ownUserData(template);
  return own.ok ? { ok: true, value: { imageId, userData: own.value } } : own;
}

function managedImage(
  { group, template = {}, cluster, cni, maxPods }: DeriveOptions,
  instanceTypes: readonly string[],
): Reading<BootImage> {
  const image = NODE_IMAGES.find((candidate) => candidate.amiType === group.amiType);
  if (image === undefined) return { ok: false, problems: [`No image of the AMI type ${group.amiType} is there.`] };
  const pods = maxPods ?? group.told?.maxPods;
  const computed = pods === undefined ? computeMaxPods(instanceTypes, cni) : { ok: true as const, value: pods };
  if (!computed.ok) return computed;
  const own = ownUserData(template);
  if (!own.ok) return own;
  const userData = managedUserData(managedNode(group, image, cluster, computed.value), own.value);
  return userData.ok ? { ok: true, value: { imageId: image.id, userData: userData.value, maxPods: computed.value } } : userData;
}

function managedNode(group: Nodegroup, image: NodeImage, cluster: NodesCluster, maxPods: number): ManagedNode {
  const { name, endpoint, certificateAuthority, serviceCidr, dnsAddress } = cluster;
  return {
    os: image.os,
    cluster: { name, endpoint, certificateAuthority, serviceCidr, dnsAddress },
    maxPods,
    labels: nodeLabels(group, image.id),
    taints: group.taints,
    ...(group.told?.kubeletConfig === undefined ? {} : { kubeletConfig: group.told.kubeletConfig }),
  };
}

/**
 * Max pods of a managed node group: the least over its types, capped at 110 or 250; prefixes and custom networking count where the CNI is set up
 * for them at this moment (AWS: "Choose an optimal Amazon EC2 node instance type").
 */
function computeMaxPods(types: readonly string[], cni: CniSettings): Reading<number> {
  const options = { cniVersion: cni.version, prefixDelegation: cni.hasPrefixDelegation, ipv6: cni.isIpv6 };
  const isCustom = cni.hasCustomNetworking && !cni.isIpv6;
  // A type with one ENI has nothing left for pods under custom networking; EKS then counts without it.
  const usesCustom = isCustom && types.every((type) => maxPodsOf({ ...options, instance: type, customNetworking: true }).ok);
  const least = leastMaxPods(types, { ...options, customNetworking: usesCustom });
  return least.ok ? { ok: true, value: least.value.maxPods } : { ok: false, problems: [least.error.message] };
}

function ownUserData(template: Readonly<Record<string, unknown>>): Reading<string | undefined> {
  const encoded = template["UserData"];
  if (typeof encoded !== "string" || encoded === "") return { ok: true, value: undefined };
  const text = decodeBase64Text(encoded);
  return text === undefined
    ? { ok: false, problems: ["The launch template's user data is not base64 of UTF-8 text."] }
    : { ok: true, value: text };
}

/** Where the template names groups, EKS does not add the cluster's own: the operator must have. */
function securityGroups(template: Readonly<Record<string, unknown>>, clusterGroup: string): Readonly<Record<string, unknown>> {
  const enis = template["NetworkInterfaces"];
  if (Array.isArray(enis) && enis.length > 0) {
    return { NetworkInterfaces: (enis as readonly unknown[]).map((eni) => ({ Groups: [clusterGroup], ...asRecord(eni) })) };
  }
  return template["SecurityGroupIds"] === undefined ? { SecurityGroupIds: [clusterGroup] } : {};
}

function tagSpecifications({ cluster, name }: Nodegroup, template: Readonly<Record<string, unknown>>): readonly unknown[] {
  const own = Array.isArray(template["TagSpecifications"]) ? (template["TagSpecifications"] as readonly unknown[]) : [];
  const isInstance = (item: unknown): boolean => asRecord(item)["ResourceType"] === "instance";
  const theirs = own.filter(isInstance).flatMap((item) => (asRecord(item)["Tags"] as readonly unknown[] | undefined) ?? []);
  const mine = Object.entries({
    "eks:cluster-name": cluster,
    "eks:nodegroup-name": name,
    [`kubernetes.io/cluster/${cluster}`]: "owned",
    "k8s.io/cluster-autoscaler/enabled": "true",
    [`k8s.io/cluster-autoscaler/${cluster}`]: "owned",
  }).map(([Key, Value]) => ({ Key, Value }));
  const kept = theirs.filter((tag) => !mine.some(({ Key }) => Key === asRecord(tag)["Key"]));
  return [...own.filter((item) => !isInstance(item)), { ResourceType: "instance", Tags: [...kept, ...mine] }];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** `arn:aws:iam::123456789012:role/path/name` → `name` */
export function roleName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
