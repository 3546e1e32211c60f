import { cidr4, type SecurityGroupId, type SubnetId } from "@slash28/address";
import type { ClusterFile } from "@slash28/cluster-file";
import type { Cloud, Ec2Result, RuleSpec, Vpc } from "@slash28/vpc";

/** The network a cluster file asks for, made in the cloud. */
export interface ProvisionedVpc {
  readonly vpc: Vpc;
  /** In the file's order. */
  readonly subnets: readonly { readonly id: SubnetId; readonly zone: string }[];
  /** The cluster security group: its members reach one another, as on EKS. */
  readonly clusterGroup: SecurityGroupId;
}

/** Makes the VPC, its way out, its subnets and the cluster security group. Public subnets: nodes get public addresses, pods leave by SNAT. */
export function provisionVpc(cloud: Cloud, file: ClusterFile, now: number): ProvisionedVpc {
  const call = { now };
  const [first = "10.0.0.0/16", ...more] = file.vpc.cidrs;
  const vpc = must("CreateVpc", cloud.createVpc({ cidr: cidr4(first), tags: named(`${file.name}-vpc`) }, call));
  must("ModifyVpcAttribute", cloud.modifyVpc({ vpcId: vpc.id, change: { attribute: "dns-hostnames", value: true } }, call));
  for (const text of more) must("AssociateVpcCidrBlock", cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4(text) }, call));
  const gateway = must("CreateInternetGateway", cloud.createInternetGateway({ tags: named(`${file.name}-igw`) }, call));
  must("AttachInternetGateway", cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: vpc.id }, call));
  const wayOut = {
    routeTableId: vpc.mainRouteTableId,
    destination: cidr4("0.0.0.0/0"),
    target: { kind: "internet-gateway", gatewayId: gateway.id },
  } as const;
  must("CreateRoute", cloud.createRoute(wayOut, call));
  const subnets = file.vpc.subnets.map((wanted, index) => {
    const tags = { ...named(wanted.name ?? `${file.name}-${wanted.zone}-${index}`), "kubernetes.io/role/elb": "1", ...wanted.tags };
    const subnet = must("CreateSubnet", cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4(wanted.cidr), zone: wanted.zone, tags }, call));
    must("ModifySubnetAttribute", cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, call));
    return { id: subnet.id, zone: wanted.zone };
  });
  return { vpc, subnets, clusterGroup: clusterGroup(cloud, vpc, file.name, now) };
}

function clusterGroup(cloud: Cloud, vpc: Vpc, name: string, now: number): SecurityGroupId {
  const call = { now };
  const tags = { Name: `eks-cluster-sg-${name}`, [`kubernetes.io/cluster/${name}`]: "owned" };
  const description = "Applied to nodes and the control plane: members reach one another";
  const group = must(
    "CreateSecurityGroup",
    cloud.createSecurityGroup({ vpcId: vpc.id, name: `eks-cluster-sg-${name}`, description, tags }, call),
  );
  const blocks = (cloud.view.vpc(vpc.id)?.cidrs ?? []).map(({ cidr }): RuleSpec => ({ protocol: "-1", peer: { kind: "cidr4", cidr } }));
  const rules: RuleSpec[] = [{ protocol: "-1", peer: { kind: "group", groupId: group.id } }, ...blocks];
  must("AuthorizeSecurityGroupIngress", cloud.authorizeRules({ groupId: group.id, direction: "ingress", rules }, call));
  return group.id;
}

function named(name: string): Record<string, string> {
  return { Name: name };
}

/** Bringing up runs on an empty account: a refusal is a mistake in the cluster file that its check did not see, and is said as EC2 said it. */
export function must<T>(api: string, result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${api} was refused: ${result.error.code}: ${result.error.message}`);
}
