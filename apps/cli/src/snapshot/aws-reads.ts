import type { AwsRead } from "@slash28/aws/reads";
import type { ClusterFacts } from "./cluster-facts.ts";

/** One kind of read of a snapshot; the IAM policy of `--show-permissions` comes from the same table. */
export interface AwsReadRow {
  /** What IAM calls the permission. */
  readonly permission: string;
  /** The command line's words after `aws`, without parameters. */
  readonly command: string;
  /** It only leads to other reads, and is not kept. */
  readonly isStep?: true;
  /** No finding depends on it; people may want it. */
  readonly isForPeople?: true;
  /** What to read, as far as earlier rows tell; nothing to read means no file. */
  readonly reads: (facts: ClusterFacts) => readonly NamedRead[];
}

export interface NamedRead {
  readonly read: AwsRead;
  /** The command line's parameters. */
  readonly args: string;
  /** Part of the file's name where each object has a file of its own; reads without one are joined in one file. */
  readonly about?: string;
  /** What the answer does not say of itself, kept beside it: whose policies it lists. */
  readonly adds?: Readonly<Record<string, string>>;
}

/** EC2 takes so many values in one filter. */
const FILTER_VALUES_MAX = 200;
/** `DescribeInstanceTypes` takes so many types. */
const TYPES_MAX = 100;

const ec2 = (operation: string, params: AwsRead["params"], args: string): NamedRead => ({
  read: { service: "ec2", operation, params: params ?? {} },
  args,
});

function filtered(operation: string, filter: string, values: readonly string[], pageSize: number): readonly NamedRead[] {
  return chunks(values, FILTER_VALUES_MAX).map((some) =>
    ec2(operation, { Filter: [{ Name: filter, Value: some }], MaxResults: pageSize }, `--filters Name=${filter},Values=${some.join(",")}`),
  );
}

const inVpc = (command: string, operation: string, pageSize: number): AwsReadRow => ({
  permission: `ec2:${operation}`,
  command: `ec2 ${command}`,
  reads: ({ vpcIds }) => filtered(operation, "vpc-id", vpcIds, pageSize),
});

const ofCluster = (command: string, operation: string, isStep = false): AwsReadRow => ({
  permission: `eks:${operation}`,
  command: `eks ${command}`,
  ...(isStep ? { isStep: true as const } : {}),
  reads: ({ clusterName }) =>
    clusterName === undefined
      ? []
      : [
          {
            read: { service: "eks", operation, params: { [operation === "DescribeCluster" ? "name" : "clusterName"]: clusterName } },
            args: operation === "DescribeCluster" ? `--name ${clusterName}` : `--cluster-name ${clusterName}`,
          },
        ],
});

/** Something of a cluster, a file each. */
const eachOfCluster = (
  row: { readonly command: string; readonly operation: string; readonly label: string; readonly option: string },
  names: (facts: ClusterFacts) => readonly string[],
): AwsReadRow => ({
  permission: `eks:${row.operation}`,
  command: `eks ${row.command}`,
  reads: (facts) =>
    facts.clusterName === undefined
      ? []
      : names(facts).map((name) => ({
          read: { service: "eks", operation: row.operation, params: { clusterName: facts.clusterName, [row.label]: name } },
          args: `--cluster-name ${facts.clusterName} ${row.option} ${name}`,
          about: name,
        })),
});

const ofRole = (command: string, operation: string, isStep: boolean): AwsReadRow => ({
  permission: `iam:${operation}`,
  command: `iam ${command}`,
  ...(isStep ? { isStep: true as const } : {}),
  reads: ({ roles }) =>
    roles.map((role) => ({
      read: { service: "iam", operation, params: { RoleName: role } },
      args: `--role-name ${role}`,
      about: role,
      adds: { RoleName: role },
    })),
});

/** Policies that AWS keeps are known by their names. */
const AWS_OWN = /^arn:[^:]+:iam::aws:/;

/** In this order: later rows ask about what earlier ones found. */
export const AWS_READS: readonly AwsReadRow[] = [
  {
    permission: "ec2:DescribeInstances",
    command: "ec2 describe-instances",
    reads: ({ instanceIds }) => filtered("DescribeInstances", "instance-id", instanceIds, 1_000),
  },
  ofCluster("describe-cluster", "DescribeCluster"),
  {
    permission: "ec2:DescribeVpcs",
    command: "ec2 describe-vpcs",
    reads: ({ vpcIds }) => filtered("DescribeVpcs", "vpc-id", vpcIds, 1_000),
  },
  inVpc("describe-subnets", "DescribeSubnets", 1_000),
  inVpc("describe-network-interfaces", "DescribeNetworkInterfaces", 1_000),
  inVpc("describe-route-tables", "DescribeRouteTables", 100),
  inVpc("describe-security-groups", "DescribeSecurityGroups", 1_000),
  inVpc("describe-nat-gateways", "DescribeNatGateways", 1_000),
  {
    permission: "ec2:GetSubnetCidrReservations",
    command: "ec2 get-subnet-cidr-reservations",
    reads: ({ subnetIds }) => subnetIds.map((id) => ec2("GetSubnetCidrReservations", { SubnetId: id }, `--subnet-id ${id}`)),
  },
  ofCluster("list-addons", "ListAddons", true),
  ofCluster("list-nodegroups", "ListNodegroups", true),
  ofCluster("list-pod-identity-associations", "ListPodIdentityAssociations"),
  eachOfCluster(
    { command: "describe-addon", operation: "DescribeAddon", label: "addonName", option: "--addon-name" },
    (facts) => facts.addons,
  ),
  eachOfCluster(
    { command: "describe-nodegroup", operation: "DescribeNodegroup", label: "nodegroupName", option: "--nodegroup-name" },
    (facts) => facts.nodeGroups,
  ),
  eachOfCluster(
    {
      command: "describe-pod-identity-association",
      operation: "DescribePodIdentityAssociation",
      label: "associationId",
      option: "--association-id",
    },
    (facts) => facts.podIdentityIds,
  ),
  {
    permission: "ec2:DescribeInstanceTypes",
    command: "ec2 describe-instance-types",
    reads: ({ instanceTypes }) =>
      chunks(instanceTypes, TYPES_MAX).map((types) =>
        ec2("DescribeInstanceTypes", { InstanceType: types }, `--instance-types ${types.join(" ")}`),
      ),
  },
  {
    permission: "ec2:DescribeLaunchTemplateVersions",
    command: "ec2 describe-launch-template-versions",
    reads: ({ launchTemplates }) =>
      launchTemplates.map(({ id, version }) =>
        ec2(
          "DescribeLaunchTemplateVersions",
          { LaunchTemplateId: id, LaunchTemplateVersion: [version] },
          `--launch-template-id ${id} --versions ${version}`,
        ),
      ),
  },
  {
    permission: "servicequotas:GetServiceQuota",
    command: "service-quotas get-service-quota",
    reads: () => [
      {
        read: { service: "service-quotas", operation: "GetServiceQuota", params: { ServiceCode: "vpc", QuotaCode: "L-DF5E4CA3" } },
        args: "--service-code vpc --quota-code L-DF5E4CA3",
      },
    ],
  },
  {
    permission: "iam:GetInstanceProfile",
    command: "iam get-instance-profile",
    isStep: true,
    reads: ({ instanceProfiles }) =>
      instanceProfiles.map((name) => ({
        read: { service: "iam", operation: "GetInstanceProfile", params: { InstanceProfileName: name } },
        args: `--instance-profile-name ${name}`,
        about: name,
      })),
  },
  ofRole("list-attached-role-policies", "ListAttachedRolePolicies", false),
  ofRole("list-role-policies", "ListRolePolicies", true),
  {
    permission: "iam:GetRolePolicy",
    command: "iam get-role-policy",
    reads: ({ inlinePolicies }) =>
      inlinePolicies.map(({ role, policy }) => ({
        read: { service: "iam", operation: "GetRolePolicy", params: { RoleName: role, PolicyName: policy } },
        args: `--role-name ${role} --policy-name ${policy}`,
        about: `${role}.${policy}`,
      })),
  },
  {
    permission: "iam:GetPolicy",
    command: "iam get-policy",
    isStep: true,
    reads: ({ attachments }) =>
      attachments
        .filter(({ arn }) => !AWS_OWN.test(arn))
        .map(({ role, policy, arn }) => ({
          read: { service: "iam", operation: "GetPolicy", params: { PolicyArn: arn } },
          args: `--policy-arn ${arn}`,
          about: `${role}.${policy}`,
          adds: { RoleName: role },
        })),
  },
  {
    permission: "iam:GetPolicyVersion",
    command: "iam get-policy-version",
    reads: ({ policyVersions }) =>
      policyVersions.map(({ role, policy, arn, version }) => ({
        read: { service: "iam", operation: "GetPolicyVersion", params: { PolicyArn: arn, VersionId: version } },
        args: `--policy-arn ${arn} --version-id ${version}`,
        about: `${role}.${policy}`,
        adds: { RoleName: role, PolicyName: policy },
      })),
  },
  {
    permission: "elasticloadbalancing:DescribeLoadBalancers",
    command: "elbv2 describe-load-balancers",
    reads: () => [{ read: { service: "elbv2", operation: "DescribeLoadBalancers", params: { PageSize: 400 } }, args: "" }],
  },
  {
    permission: "elasticloadbalancing:DescribeTargetGroups",
    command: "elbv2 describe-target-groups",
    reads: () => [{ read: { service: "elbv2", operation: "DescribeTargetGroups", params: { PageSize: 400 } }, args: "" }],
  },
  ofArn("describe-load-balancer-attributes", "DescribeLoadBalancerAttributes", "LoadBalancerArn", (facts) => facts.loadBalancers),
  ofArn("describe-target-health", "DescribeTargetHealth", "TargetGroupArn", (facts) => facts.targetGroups),
];

function ofArn(
  command: string,
  operation: string,
  param: "LoadBalancerArn" | "TargetGroupArn",
  arns: (facts: ClusterFacts) => readonly string[],
): AwsReadRow {
  const option = param === "LoadBalancerArn" ? "--load-balancer-arn" : "--target-group-arn";
  return {
    permission: `elasticloadbalancing:${operation}`,
    command: `elbv2 ${command}`,
    ...(param === "LoadBalancerArn" ? { isForPeople: true as const } : {}),
    reads: (facts) =>
      arns(facts).map((arn) => ({
        read: { service: "elbv2", operation, params: { [param]: arn } },
        args: `${option} ${arn}`,
        about: arn.split("/").slice(-2).join("-"),
      })),
  };
}

function chunks<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}
