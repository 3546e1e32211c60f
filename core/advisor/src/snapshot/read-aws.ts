import type { SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import { z } from "zod";
import type {
  SeenAddon,
  SeenCluster,
  SeenInstanceType,
  SeenLaunchTemplateVersion,
  SeenLoadBalancer,
  SeenNodeGroup,
  SeenPodIdentity,
  SeenQuota,
  SeenTargetGroup,
  SeenTargetHealth,
} from "./aws-objects.ts";
import { count, id, listOf, maybe, reads, text, type ItemReader } from "./item-reader.ts";
import { present } from "./present-fields.ts";
import { eniSchema, instanceSchema } from "./read-instances.ts";
import { reservationSchema, routeTableSchema, securityGroupSchema, subnetSchema, vpcSchema } from "./read-network.ts";

const number = z.number();
const issues = maybe(z.object({ issues: listOf(z.object({ code: maybe(text), message: maybe(text) })) }));

function issuesOf(health: z.output<typeof issues>): SeenAddon["issues"] {
  return (health?.issues ?? []).map(({ code, message }) => ({ code: code ?? "", message: message ?? "" }));
}

const launchTemplateVersion = z
  .object({
    LaunchTemplateId: text,
    VersionNumber: number,
    DefaultVersion: maybe(z.boolean()),
    LaunchTemplateData: maybe(z.object({ InstanceType: maybe(text), UserData: maybe(text) })),
  })
  .transform((version): SeenLaunchTemplateVersion => ({
    templateId: version.LaunchTemplateId,
    version: version.VersionNumber,
    isDefault: version.DefaultVersion === true,
    ...present({ instanceType: version.LaunchTemplateData?.InstanceType, userData: version.LaunchTemplateData?.UserData }),
  }));

const quota = z
  .object({ QuotaCode: text, QuotaName: maybe(text), Value: number })
  .transform(({ QuotaCode, QuotaName, Value }): SeenQuota => ({ code: QuotaCode, name: QuotaName ?? QuotaCode, value: Value }));

const cluster = z
  .object({
    name: text,
    version: maybe(text),
    kubernetesNetworkConfig: maybe(z.object({ ipFamily: maybe(z.enum(["ipv4", "ipv6"])) })),
    resourcesVpcConfig: maybe(
      z.object({
        vpcId: maybe(id<VpcId>()),
        subnetIds: listOf(id<SubnetId>()),
        clusterSecurityGroupId: maybe(id<SecurityGroupId>()),
      }),
    ),
  })
  .transform(({ name, version, kubernetesNetworkConfig, resourcesVpcConfig }): SeenCluster => ({
    name,
    version: version ?? "",
    ipFamily: kubernetesNetworkConfig?.ipFamily ?? "ipv4",
    subnetIds: resourcesVpcConfig?.subnetIds ?? [],
    ...present({ vpcId: resourcesVpcConfig?.vpcId, clusterGroupId: resourcesVpcConfig?.clusterSecurityGroupId }),
  }));

const addon = z
  .object({
    addonName: text,
    addonVersion: maybe(text),
    status: maybe(text),
    serviceAccountRoleArn: maybe(text),
    podIdentityAssociations: listOf(text),
    health: issues,
  })
  .transform(({ addonName, addonVersion, status, serviceAccountRoleArn, podIdentityAssociations, health }): SeenAddon => ({
    name: addonName,
    version: addonVersion ?? "",
    status: status ?? "",
    ...present({ roleArn: serviceAccountRoleArn }),
    podIdentities: podIdentityAssociations,
    issues: issuesOf(health),
  }));

const nodeGroup = z
  .object({
    nodegroupName: text,
    instanceTypes: listOf(text),
    subnets: listOf(id<SubnetId>()),
    nodeRole: maybe(text),
    launchTemplate: maybe(z.object({ id: maybe(text), version: maybe(text) })),
    updateConfig: maybe(z.object({ maxUnavailable: maybe(count), maxUnavailablePercentage: maybe(count) })),
    health: issues,
  })
  .transform(({ nodegroupName, instanceTypes, subnets, nodeRole, launchTemplate, updateConfig, health }): SeenNodeGroup => {
    const template =
      launchTemplate?.id === undefined ? undefined : { id: launchTemplate.id, version: launchTemplate.version ?? "$Default" };
    return {
      name: nodegroupName,
      instanceTypes,
      subnetIds: subnets,
      ...present({ roleArn: nodeRole, launchTemplate: template, ...updateConfig }),
      issues: issuesOf(health),
    };
  });

const HYPERVISORS = ["nitro", "xen"] as const;
const instanceType = z
  .object({
    InstanceType: text,
    BareMetal: maybe(z.boolean()),
    Hypervisor: maybe(text),
    VCpuInfo: maybe(z.object({ DefaultVCpus: maybe(number) })),
    MemoryInfo: maybe(z.object({ SizeInMiB: maybe(number) })),
    NetworkInfo: z.object({
      MaximumNetworkInterfaces: number,
      Ipv4AddressesPerInterface: number,
      DefaultNetworkCardIndex: maybe(number),
      NetworkCards: listOf(z.object({ NetworkCardIndex: maybe(number), MaximumNetworkInterfaces: maybe(number) })),
    }),
  })
  .transform((type): SeenInstanceType => {
    const { NetworkCards: cards, DefaultNetworkCardIndex: main = 0, ...network } = type.NetworkInfo;
    return {
      type: type.InstanceType,
      maxEnis: cards.find((card) => card.NetworkCardIndex === main)?.MaximumNetworkInterfaces ?? network.MaximumNetworkInterfaces,
      ipv4PerEni: network.Ipv4AddressesPerInterface,
      hypervisor: HYPERVISORS.find((name) => name === type.Hypervisor) ?? "unknown",
      isBareMetal: type.BareMetal === true,
      ...present({ vcpus: type.VCpuInfo?.DefaultVCpus, memoryMiB: type.MemoryInfo?.SizeInMiB }),
    };
  });

const loadBalancer = z
  .object({ LoadBalancerArn: text, LoadBalancerName: maybe(text), DNSName: maybe(text), Type: maybe(text), Scheme: maybe(text) })
  .transform(({ LoadBalancerArn, LoadBalancerName, DNSName, Type, Scheme }): SeenLoadBalancer => ({
    arn: LoadBalancerArn,
    name: LoadBalancerName ?? LoadBalancerArn,
    dnsName: DNSName ?? "",
    type: Type ?? "",
    scheme: Scheme ?? "",
  }));

const targetGroup = z
  .object({ TargetGroupArn: text, TargetGroupName: maybe(text), TargetType: maybe(text), LoadBalancerArns: listOf(text) })
  .transform(({ TargetGroupArn, TargetGroupName, TargetType, LoadBalancerArns }): SeenTargetGroup => ({
    arn: TargetGroupArn,
    name: TargetGroupName ?? TargetGroupArn,
    targetType: TargetType ?? "",
    loadBalancerArns: LoadBalancerArns,
  }));

const targetHealth = z
  .object({
    Target: z.object({ Id: text, Port: maybe(number) }),
    TargetHealth: maybe(z.object({ State: maybe(text), Reason: maybe(text) })),
  })
  .transform(({ Target, TargetHealth }): SeenTargetHealth => ({
    id: Target.Id,
    ...present({ port: Target.Port, reason: TargetHealth?.Reason }),
    state: TargetHealth?.State ?? "",
  }));

const natGateway = z.object({ NatGatewayId: text }).transform(({ NatGatewayId }) => NatGatewayId);

const podIdentity = z
  .object({ namespace: text, serviceAccount: text, roleArn: maybe(text) })
  .transform(({ namespace, serviceAccount, roleArn }): SeenPodIdentity => ({ namespace, serviceAccount, ...present({ roleArn }) }));

/** What a document's top-level key says it holds: a list of these, or one. */
export const AWS_KEYS: Readonly<Record<string, ItemReader>> = {
  Subnets: reads("subnets", subnetSchema),
  SubnetIpv4CidrReservations: reads("reservations", reservationSchema),
  NetworkInterfaces: reads("enis", eniSchema),
  Instances: reads("instances", instanceSchema),
  InstanceTypes: reads("instanceTypes", instanceType),
  Vpcs: reads("vpcs", vpcSchema),
  RouteTables: reads("routeTables", routeTableSchema),
  SecurityGroups: reads("securityGroups", securityGroupSchema),
  NatGateways: reads("natGateways", natGateway),
  LaunchTemplateVersions: reads("launchTemplateVersions", launchTemplateVersion),
  Quota: reads("quotas", quota),
  Quotas: reads("quotas", quota),
  cluster: reads("cluster", cluster),
  addon: reads("addons", addon),
  nodegroup: reads("nodeGroups", nodeGroup),
  association: reads("podIdentities", podIdentity),
  associations: reads("podIdentities", podIdentity),
  LoadBalancers: reads("loadBalancers", loadBalancer),
  TargetGroups: reads("targetGroups", targetGroup),
  TargetHealthDescriptions: reads("targetHealth", targetHealth),
};
