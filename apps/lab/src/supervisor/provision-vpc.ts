import { cidr4, cidr6, offsetIpv6, type Cidr6, type SecurityGroupId, type SubnetId } from "@slash28/address";
import type { ClusterFile, ClusterSubnet } from "@slash28/cluster-file";
import type { Cloud, RuleSpec, Vpc } from "@slash28/vpc";
import { must } from "./must.ts";
import { provisionPrivateRoutes } from "./provision-private-routes.ts";

const EVERYWHERE = cidr4("0.0.0.0/0");
const EVERYWHERE_IPV6 = cidr6("::/0");

/** The network a cluster file asks for, made in the cloud. */
export interface ProvisionedVpc {
  readonly vpc: Vpc;
  /** In the file's order. */
  readonly subnets: readonly { readonly id: SubnetId; readonly zone: string }[];
  /** The cluster security group: its members reach one another, as on EKS. */
  readonly clusterGroup: SecurityGroupId;
}

/**
 * Makes the VPC, its ways out, its subnets and the cluster security group. In public subnets nodes get public addresses and pods leave by
 * SNAT; private ones leave through a NAT gateway.
 */
export function provisionVpc(cloud: Cloud, file: ClusterFile, now: number): ProvisionedVpc {
  const call = { now };
  const [first = "10.0.0.0/16", ...more] = file.vpc.cidrs;
  const vpc = must("CreateVpc", cloud.createVpc({ cidr: cidr4(first), hasIpv6: file.vpc.ipv6, tags: named(`${file.name}-vpc`) }, call));
  must("ModifyVpcAttribute", cloud.modifyVpc({ vpcId: vpc.id, change: { attribute: "dns-hostnames", value: true } }, call));
  for (const text of more) must("AssociateVpcCidrBlock", cloud.associateVpcCidr({ vpcId: vpc.id, cidr: cidr4(text) }, call));
  const gateway = must("CreateInternetGateway", cloud.createInternetGateway({ tags: named(`${file.name}-igw`) }, call));
  must("AttachInternetGateway", cloud.attachInternetGateway({ gatewayId: gateway.id, vpcId: vpc.id }, call));
  const target = { kind: "internet-gateway", gatewayId: gateway.id } as const;
  for (const destination of file.vpc.ipv6 ? [EVERYWHERE, EVERYWHERE_IPV6] : [EVERYWHERE]) {
    must("CreateRoute", cloud.createRoute({ routeTableId: vpc.mainRouteTableId, destination, target }, call));
  }
  const subnets = file.vpc.subnets.map((wanted, index) => {
    const tags = { ...named(wanted.name ?? `${file.name}-${wanted.zone}-${index}`), ...roleTag(wanted), ...wanted.tags };
    const ipv6 = subnetIpv6(vpc, index);
    const { zone } = wanted;
    const subnet = must("CreateSubnet", cloud.createSubnet({ vpcId: vpc.id, cidr: cidr4(wanted.cidr), zone, tags, ...ipv6 }, call));
    if (wanted.kind === "public") {
      must("ModifySubnetAttribute", cloud.modifySubnet({ subnetId: subnet.id, hasPublicAddressOnLaunch: true }, call));
    }
    if (file.vpc.ipv6) must("ModifySubnetAttribute", cloud.modifySubnet({ subnetId: subnet.id, hasIpv6AddressOnCreation: true }, call));
    for (const { cidr, type } of wanted.reservations ?? []) {
      must("CreateSubnetCidrReservation", cloud.createCidrReservation({ subnetId: subnet.id, cidr: cidr4(cidr), type }, call));
    }
    return { id: subnet.id, zone, kind: wanted.kind };
  });
  provisionPrivateRoutes(cloud, { vpc, subnets, name: file.name }, now);
  return { vpc, subnets, clusterGroup: clusterGroup(cloud, vpc, file.name, now) };
}

/** The subnets that nodes are launched in, of those that were made for the file. */
export function nodeSubnets(file: ClusterFile, { subnets }: Pick<ProvisionedVpc, "subnets">): ProvisionedVpc["subnets"] {
  return subnets.filter((_, index) => file.vpc.subnets[index]?.for !== "pods");
}

/** By this tag the load balancer controller finds its subnets; those for pods are none of them. */
function roleTag(wanted: ClusterSubnet): Record<string, string> {
  if (wanted.for === "pods") return {};
  return { [wanted.kind === "private" ? "kubernetes.io/role/internal-elb" : "kubernetes.io/role/elb"]: "1" };
}

/** The subnet's /64 by its place in the file. */
function subnetIpv6({ ipv6Cidrs: [block] }: Vpc, index: number): { readonly ipv6Cidr?: Cidr6 } {
  return block === undefined ? {} : { ipv6Cidr: { base: offsetIpv6(block.cidr.base, BigInt(index) << 64n), length: 64 } };
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
