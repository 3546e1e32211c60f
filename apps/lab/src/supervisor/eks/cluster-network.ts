import type { SecurityGroupId, SubnetId, VpcId } from "@slash28/address";
import { formatCidr4 } from "@slash28/address";
import type { EksNetwork } from "@slash28/eks";
import type { Cloud, RuleSpec } from "@slash28/vpc";
import { must } from "../must.ts";

/** The lab's VPCs as EKS asks about them. */
export function eksNetwork(cloud: Cloud): EksNetwork {
  return {
    subnet(id) {
      const subnet = cloud.view.subnet(id as SubnetId);
      if (subnet === undefined) return undefined;
      const { free } = cloud.view.subnetUsage(subnet.id) ?? { free: 0 };
      return { vpcId: subnet.vpcId, zone: subnet.zone, freeAddresses: free, hasIpv6: subnet.ipv6Cidr !== undefined };
    },
    securityGroup: (id) => cloud.view.securityGroup(id as SecurityGroupId),
    vpcCidrs: (vpcId) => (cloud.view.vpc(vpcId as VpcId)?.cidrs ?? []).map(({ cidr }) => formatCidr4(cidr)),
  };
}

/** Makes the security group that EKS puts on a cluster's control plane and nodes; one that is there already is taken. */
export function clusterSecurityGroup(cloud: Cloud, vpcId: string, clusterName: string, now: number): string {
  const name = `eks-cluster-sg-${clusterName}`;
  const all = cloud.describeSecurityGroups({}, { now });
  const known = all.ok ? all.value.find((group) => group.vpcId === vpcId && group.name === name) : undefined;
  if (known !== undefined) return known.id;
  const tags = { Name: name, [`kubernetes.io/cluster/${clusterName}`]: "owned" };
  const description =
    "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well as any managed workloads.";
  const wanted = { vpcId: vpcId as VpcId, name, description, tags };
  const { id: groupId } = must("CreateSecurityGroup", cloud.createSecurityGroup(wanted, { now }));
  const rules: RuleSpec[] = [{ protocol: "-1", peer: { kind: "group", groupId } }];
  cloud.authorizeRules({ groupId, direction: "ingress", rules }, { now });
  return groupId;
}
