import type { Cidr4, EniId, InstanceId, Ipv4, SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import type { PolicyDocument } from "@slash28/iam";

/** What the checks need of AWS's answers, read at the border: see `read-aws.ts`. */
export type Tags = Readonly<Record<string, string>>;

export interface SeenSubnet {
  readonly id: SubnetId;
  readonly vpcId?: VpcId;
  readonly zone: string;
  readonly cidr: Cidr4;
  /** `AvailableIpAddressCount`. */
  readonly free: number;
  readonly hasIpv6: boolean;
  readonly hasDns64: boolean;
  readonly tags: Tags;
}

/** A reservation within a subnet. */
export interface SeenReservation {
  readonly subnetId: SubnetId;
  readonly cidr: Cidr4;
  readonly kind: "prefix" | "explicit";
}

export interface SeenEni {
  readonly id: EniId;
  readonly subnetId: SubnetId;
  readonly instanceId?: InstanceId;
  readonly deviceIndex?: number;
  readonly networkCard: number;
  readonly primaryAddress: Ipv4;
  /** Secondary ones. */
  readonly addresses: readonly Ipv4[];
  readonly prefixes: readonly Cidr4[];
  readonly groupIds: readonly SecurityGroupId[];
  /** `interface`, `trunk`, `branch`, `efa`, `network_load_balancer`. */
  readonly kind: string;
  readonly description: string;
  readonly tags: Tags;
}

export interface SeenInstance {
  readonly id: InstanceId;
  readonly type: string;
  readonly state: string;
  readonly zone?: string;
  readonly subnetId?: SubnetId;
  readonly metadata?: { readonly isOn: boolean; readonly isTokenRequired: boolean; readonly hopLimit: number };
  readonly profileArn?: string;
  readonly tags: Tags;
}

export interface SeenVpc {
  readonly id: VpcId;
  readonly cidrs: readonly Cidr4[];
}

export interface SeenRouteTable {
  readonly id: string;
  readonly vpcId?: VpcId;
  readonly isMain: boolean;
  readonly subnetIds: readonly SubnetId[];
  readonly hasInternetGateway: boolean;
}

export interface SeenRule {
  /** `tcp`, `udp`, a number, or `-1` for all. */
  readonly protocol: string;
  /** Absent: every port. */
  readonly ports?: { readonly from: number; readonly to: number };
  readonly cidrs: readonly Cidr4[];
  readonly ipv6Cidrs: readonly string[];
  readonly groupIds: readonly SecurityGroupId[];
  /** Prefix lists, whose content is not known here. */
  readonly prefixListIds: readonly string[];
}

export interface SeenSecurityGroup {
  readonly id: SecurityGroupId;
  readonly name: string;
  readonly ingress: readonly SeenRule[];
  readonly egress: readonly SeenRule[];
}

export interface SeenQuota {
  /** `L-DF5E4CA3`. */
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

export interface SeenCluster {
  readonly name: string;
  readonly version: string;
  readonly ipFamily: "ipv4" | "ipv6";
  readonly vpcId?: VpcId;
  readonly subnetIds: readonly SubnetId[];
  readonly clusterGroupId?: SecurityGroupId;
}

export interface SeenAddon {
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly roleArn?: string;
  /** ARNs of Pod Identity associations that came with it. */
  readonly podIdentities: readonly string[];
  readonly issues: readonly { readonly code: string; readonly message: string }[];
}

export interface SeenNodeGroup {
  readonly name: string;
  readonly instanceTypes: readonly string[];
  readonly subnetIds: readonly SubnetId[];
  readonly roleArn?: string;
  readonly launchTemplate?: { readonly id: string; readonly version: string };
  /** Nodes that an update replaces at the same time, as a number or in percent. */
  readonly maxUnavailable?: number;
  readonly maxUnavailablePercentage?: number;
  readonly issues: readonly { readonly code: string; readonly message: string }[];
}

export interface SeenLaunchTemplateVersion {
  readonly templateId: string;
  readonly version: number;
  readonly isDefault: boolean;
  readonly instanceType?: string;
  /** Base64, as EC2 has it. */
  readonly userData?: string;
}

export interface SeenInstanceType {
  readonly type: string;
  readonly maxEnis: number;
  readonly ipv4PerEni: number;
  readonly hypervisor: "nitro" | "xen" | "unknown";
  readonly isBareMetal: boolean;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
}

export interface SeenLoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  readonly type: string;
  readonly scheme: string;
}

export interface SeenTargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly targetType: string;
  readonly loadBalancerArns: readonly string[];
}

export interface SeenTargetHealth {
  readonly id: string;
  readonly port?: number;
  readonly state: string;
  readonly reason?: string;
}

export interface SeenRole {
  readonly name: string;
  /** Names of managed policies attached to it. */
  readonly attached: readonly string[];
  /** Documents of inline policies, and of managed ones where they are in the snapshot. */
  readonly documents: readonly { readonly name: string; readonly document: PolicyDocument }[];
}

export interface SeenPodIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn?: string;
}
