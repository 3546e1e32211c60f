import {
  AssociateRouteTableCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  DisassociateVpcCidrBlockCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { aServedCloud } from "./lab-cloud.ts";

const { lab, http } = await aServedCloud();

test("a public subnet: gateway, table, default route, association; and back", async () => {
  const { ec2 } = http;
  const InternetGatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId ?? "";
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: lab.vpcId }));
  const gateways = await ec2.send(new DescribeInternetGatewaysCommand({ Filters: [{ Name: "attachment.vpc-id", Values: [lab.vpcId] }] }));
  expect(gateways.InternetGateways?.[0]?.Attachments).toEqual([{ VpcId: lab.vpcId, State: "available" }]);

  const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId: lab.vpcId }))).RouteTable?.RouteTableId ?? "";
  const toInternet = { RouteTableId, DestinationCidrBlock: "0.0.0.0/0" };
  await ec2.send(new CreateRouteCommand({ ...toInternet, GatewayId: InternetGatewayId }));
  const { AssociationId } = await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: lab.subnets[0] }));
  const tables = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: "association.subnet-id", Values: [lab.subnets[0]] }] }));
  expect(tables.RouteTables?.[0]?.Routes).toEqual([
    { DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", Origin: "CreateRouteTable", State: "active" },
    { DestinationCidrBlock: "0.0.0.0/0", GatewayId: InternetGatewayId, Origin: "CreateRoute", State: "active" },
  ]);
  expect(tables.RouteTables?.[0]?.Associations?.[0]).toMatchObject({
    Main: false,
    SubnetId: lab.subnets[0],
    RouteTableAssociationId: AssociationId,
  });

  await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: lab.subnets[0], MapPublicIpOnLaunch: { Value: true } }));
  expect(lab.cloud.view.subnet(lab.subnets[0])?.hasPublicAddressOnLaunch).toBe(true);

  await ec2.send(new DisassociateRouteTableCommand({ AssociationId }));
  await ec2.send(new DeleteRouteCommand(toInternet));
  await ec2.send(new DeleteRouteTableCommand({ RouteTableId }));
  await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId: lab.vpcId }));
  expect((await ec2.send(new DescribeInternetGatewaysCommand({}))).InternetGateways?.[0]?.Attachments).toEqual([]);
});

test("a VPC: made, its attributes changed, a block added and taken away, deleted when empty", async () => {
  const { ec2 } = http;
  const TagSpecifications = [{ ResourceType: "vpc" as const, Tags: [{ Key: "Name", Value: "second" }] }];
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.8.0.0/16", TagSpecifications }))).Vpc?.VpcId ?? "";
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const attribute = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: "enableDnsHostnames" }));
  expect(attribute.EnableDnsHostnames?.Value).toBe(true);

  const added = await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: "10.9.0.0/16" }));
  const blocks = async () => {
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "tag:Name", Values: ["second"] }] }));
    return Vpcs?.[0]?.CidrBlockAssociationSet?.map(({ CidrBlock }) => CidrBlock);
  };
  expect(await blocks()).toEqual(["10.8.0.0/16", "10.9.0.0/16"]);
  await ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId: added.CidrBlockAssociation?.AssociationId }));
  expect(await blocks()).toEqual(["10.8.0.0/16"]);

  const SubnetId = (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.8.1.7/24", AvailabilityZoneId: "use1-az2" }))).Subnet
    ?.SubnetId;
  await expect(ec2.send(new DeleteVpcCommand({ VpcId }))).rejects.toMatchObject({ name: "DependencyViolation" });
  await ec2.send(new DeleteSubnetCommand({ SubnetId }));
  await ec2.send(new DeleteVpcCommand({ VpcId }));
  expect(await blocks()).toBeUndefined();
});

test("security group rules of every kind of peer come back as they were given", async () => {
  const { ec2 } = http;
  const make = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId: lab.vpcId, GroupName, Description: GroupName }))).GroupId ?? "";
  const [GroupId, peer] = [await make("web"), await make("clients")];
  const IpPermissions = [
    {
      IpProtocol: "tcp",
      FromPort: 443,
      ToPort: 443,
      IpRanges: [{ CidrIp: "10.0.0.0/16", Description: "the VPC" }, { CidrIp: "100.64.0.0/16" }],
      Ipv6Ranges: [{ CidrIpv6: "2001:db8::/56" }],
      UserIdGroupPairs: [{ GroupId: peer, UserId: "123456789012" }],
      PrefixListIds: [],
    },
  ];
  const made = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  expect(made.SecurityGroupRules).toHaveLength(4);
  const shown = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: "ip-permission.group-id", Values: [peer] }] }));
  expect(shown.SecurityGroups?.map((group) => [group.GroupId, group.IpPermissions])).toEqual([[GroupId, IpPermissions]]);

  const rules = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [GroupId] }] }));
  expect(rules.SecurityGroupRules?.filter(({ IsEgress }) => IsEgress === true)).toHaveLength(1);
  const referring = rules.SecurityGroupRules?.find(({ ReferencedGroupInfo }) => ReferencedGroupInfo?.GroupId === peer);
  const revoked = await ec2.send(
    new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: [referring?.SecurityGroupRuleId ?? ""] }),
  );
  expect(revoked.RevokedSecurityGroupRules).toMatchObject([{ ReferencedGroupId: peer, IsEgress: false, FromPort: 443 }]);

  const all = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: all }));
  await ec2.send(
    new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [{ ...all[0], IpRanges: [{ CidrIp: "10.0.0.0/16" }] }] }),
  );
  const after = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  expect(after.SecurityGroups?.[0]?.IpPermissionsEgress?.map(({ IpRanges }) => IpRanges)).toEqual([[{ CidrIp: "10.0.0.0/16" }]]);
});

test("an instance stops, starts, and takes other metadata options", async () => {
  const InstanceIds = [lab.instanceId];
  const stopped = await http.ec2.send(new StopInstancesCommand({ InstanceIds }));
  expect(stopped.StoppingInstances?.[0]?.PreviousState?.Name).toBe("running");
  expect(lab.cloud.view.instance(lab.instanceId)?.state).toBe("stopped");
  await http.ec2.send(new StartInstancesCommand({ InstanceIds }));
  expect(lab.cloud.view.instance(lab.instanceId)?.state).toBe("running");
  const options = { InstanceId: lab.instanceId, HttpTokens: "required", HttpPutResponseHopLimit: 2 } as const;
  const changed = await http.ec2.send(new ModifyInstanceMetadataOptionsCommand(options));
  expect(changed.InstanceMetadataOptions).toMatchObject({ HttpTokens: "required", HttpPutResponseHopLimit: 2, State: "applied" });
});

test("the lab is one Region", async () => {
  expect((await http.ec2.send(new DescribeRegionsCommand({}))).Regions?.map(({ RegionName }) => RegionName)).toEqual(["us-east-1"]);
});
