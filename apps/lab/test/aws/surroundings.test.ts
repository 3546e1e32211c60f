import {
  DescribeAccountAttributesCommand,
  DescribeDhcpOptionsCommand,
  DescribeFlowLogsCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkAclsCommand,
  DescribePrefixListsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  ModifyInstanceAttributeCommand,
  ModifySecurityGroupRulesCommand,
  ModifyVpcAttributeCommand,
  paginateDescribeInstanceTypeOfferings,
  RebootInstancesCommand,
  ResetNetworkInterfaceAttributeCommand,
  StopInstancesCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
  waitUntilInstanceStatusOk,
} from "@aws-sdk/client-ec2";
import { instanceTypes } from "@slash28/limits";
import { describe, expect, test } from "vitest";
import { anInstance, aServedCloud, refusal } from "./lab-cloud.ts";

const { lab, http } = await aServedCloud();

describe("what stands around a VPC", () => {
  test("its default network ACL serves every subnet and lets everything through", async () => {
    const { NetworkAcls: [acl, ...more] = [] } = await http.ec2.send(new DescribeNetworkAclsCommand({}));
    expect(more).toEqual([]);
    expect(acl).toMatchObject({ VpcId: lab.vpcId, IsDefault: true });
    expect(acl?.Associations?.map(({ SubnetId }) => SubnetId).toSorted()).toEqual([...lab.subnets].toSorted());
    expect(acl?.Entries?.filter(({ RuleNumber }) => RuleNumber === 100).every(({ RuleAction }) => RuleAction === "allow")).toBe(true);
    const bySubnet = { Filters: [{ Name: "association.subnet-id", Values: [lab.subnets[1]] }] };
    expect((await http.ec2.send(new DescribeNetworkAclsCommand(bySubnet))).NetworkAcls).toHaveLength(1);
    expect(await refusal(http.ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: ["acl-1"] })))).toMatch(
      /^400 InvalidNetworkAclID.NotFound/,
    );
  });

  test("its DHCP options are the Region's", async () => {
    const { Vpcs: [vpc] = [] } = await http.ec2.send(new DescribeVpcsCommand({}));
    const { DhcpOptions: [options] = [] } = await http.ec2.send(
      new DescribeDhcpOptionsCommand({ DhcpOptionsIds: [vpc?.DhcpOptionsId ?? ""] }),
    );
    expect(options?.DhcpConfigurations?.map(({ Values }) => Values?.[0]?.Value)).toEqual(["ec2.internal", "AmazonProvidedDNS"]);
  });

  test("each attribute is changed by itself", async () => {
    const VpcId = lab.vpcId;
    await http.ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableNetworkAddressUsageMetrics: { Value: true } }));
    const asked = await http.ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: "enableNetworkAddressUsageMetrics" }));
    expect(asked.EnableNetworkAddressUsageMetrics?.Value).toBe(true);
    const two = { VpcId, EnableDnsSupport: { Value: true }, EnableDnsHostnames: { Value: true } };
    expect(await refusal(http.ec2.send(new ModifyVpcAttributeCommand(two)))).toMatch(/^400 InvalidParameterCombination/);
  });

  test("what nothing makes is empty, and still judged: unknown ids and filters are refused", async () => {
    const { ec2 } = http;
    expect((await ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints).toEqual([]);
    expect((await ec2.send(new DescribeVpcPeeringConnectionsCommand({}))).VpcPeeringConnections).toEqual([]);
    expect((await ec2.send(new DescribeFlowLogsCommand({}))).FlowLogs).toEqual([]);
    expect((await ec2.send(new DescribePrefixListsCommand({}))).PrefixLists).toEqual([]);
    expect((await ec2.send(new DescribeManagedPrefixListsCommand({}))).PrefixLists).toEqual([]);
    const wrong = { Filters: [{ Name: "colour", Values: ["red"] }] };
    expect(await refusal(ec2.send(new DescribeVpcEndpointsCommand(wrong)))).toBe(
      "400 InvalidParameterValue: The filter 'colour' is invalid",
    );
    expect(await refusal(ec2.send(new DescribePrefixListsCommand(wrong)))).toMatch(/^400 InvalidParameterValue/);
    expect(await refusal(ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: ["vpce-1"] })))).toMatch(/^400 InvalidVpcEndpointId/);
  });

  test("account attributes tell the quotas in force", async () => {
    const { AccountAttributes = [] } = await http.ec2.send(
      new DescribeAccountAttributesCommand({ AttributeNames: ["supported-platforms"] }),
    );
    expect(AccountAttributes).toEqual([{ AttributeName: "supported-platforms", AttributeValues: [{ AttributeValue: "VPC" }] }]);
    const all = await http.ec2.send(new DescribeAccountAttributesCommand({}));
    const groups = all.AccountAttributes?.find(({ AttributeName }) => AttributeName === "vpc-max-security-groups-per-interface");
    expect(groups?.AttributeValues).toEqual([{ AttributeValue: "5" }]);
  });
});

describe("what stands around instances", () => {
  test("node images of the last Kubernetes versions, by name, owner and architecture", async () => {
    const arm = {
      Owners: ["amazon"],
      Filters: [
        { Name: "name", Values: ["amazon-eks-node-al2023-*-1.34-*"] },
        { Name: "architecture", Values: ["arm64"] },
      ],
    };
    const { Images: [image, ...more] = [] } = await http.ec2.send(new DescribeImagesCommand(arm));
    expect(more).toEqual([]);
    expect(image).toMatchObject({ State: "available", OwnerId: "602401143452", Architecture: "arm64" });
    expect((await http.ec2.send(new DescribeImagesCommand({ ImageIds: ["ami-0123456789abcdef0"] }))).Images).toHaveLength(1);
    expect(await refusal(http.ec2.send(new DescribeImagesCommand({ ImageIds: ["ami-9"] })))).toMatch(/^400 InvalidAMIID.NotFound/);
    expect((await http.ec2.send(new DescribeImagesCommand({ Owners: ["self"] }))).Images).toEqual([]);
  });

  test("every type is offered in every zone, page by page", async () => {
    let offered = 0;
    for await (const page of paginateDescribeInstanceTypeOfferings({ client: http.ec2 }, { LocationType: "availability-zone" })) {
      offered += page.InstanceTypeOfferings?.length ?? 0;
    }
    expect(offered).toBe(instanceTypes().length * 2);
    const one = { Filters: [{ Name: "instance-type", Values: ["m5.large"] }] };
    expect((await http.ec2.send(new DescribeInstanceTypeOfferingsCommand(one))).InstanceTypeOfferings).toEqual([
      { InstanceType: "m5.large", LocationType: "region", Location: "us-east-1" },
    ]);
  });

  test("status of running instances, of others when asked, with the SDK's own waiter", async () => {
    const InstanceIds = [lab.instanceId];
    await waitUntilInstanceStatusOk({ client: http.ec2, maxWaitTime: 60 }, { InstanceIds });
    const stopped = anInstance(lab.cloud, lab.subnets[0]).id;
    await http.ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
    const shown = async (IncludeAllInstances: boolean) =>
      (await http.ec2.send(new DescribeInstanceStatusCommand({ IncludeAllInstances }))).InstanceStatuses?.map(
        ({ InstanceId }) => InstanceId,
      );
    expect(await shown(false)).not.toContain(stopped);
    expect(await shown(true)).toContain(stopped);
    expect(await refusal(http.ec2.send(new RebootInstancesCommand({ InstanceIds: [stopped] })))).toMatch(/^400 IncorrectState/);
    await http.ec2.send(new RebootInstancesCommand({ InstanceIds }));
    expect(await refusal(http.ec2.send(new RebootInstancesCommand({ InstanceIds, DryRun: true })))).toMatch(/^412 DryRunOperation/);
  });

  test("attributes: groups and the source check change, the rest is told", async () => {
    const InstanceId = lab.instanceId;
    await http.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, SourceDestCheck: { Value: false } }));
    const check = await http.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "sourceDestCheck" }));
    expect(check.SourceDestCheck?.Value).toBe(false);
    const [eni] = lab.cloud.view.attachedEnis(InstanceId);
    await http.ec2.send(new ResetNetworkInterfaceAttributeCommand({ NetworkInterfaceId: eni?.id, SourceDestCheck: "true" }));
    expect(lab.cloud.view.attachedEnis(InstanceId)[0]?.hasSourceDestCheck).toBe(true);
    const type = await http.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "instanceType" }));
    expect(type.InstanceType?.Value).toBe("m5.large");
    const unknown = new ModifyInstanceAttributeCommand({ InstanceId, Groups: ["sg-00000000000000000"] });
    expect(await refusal(http.ec2.send(unknown))).toMatch(/^400 InvalidGroup.NotFound/);
    const termination = new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value: true } });
    expect(await refusal(http.ec2.send(termination))).toMatch(/^400 UnsupportedOperation/);
  });
});

test("a group's rule changes under its id, and its description by itself", async () => {
  const { ec2 } = http;
  const { SecurityGroups: [group] = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  const GroupId = group?.GroupId;
  const rules = async () =>
    (await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [GroupId ?? ""] }] })))
      .SecurityGroupRules ?? [];
  const ingress = (await rules()).find(({ IsEgress }) => IsEgress === false);
  const SecurityGroupRuleId = ingress?.SecurityGroupRuleId;
  const rule = { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: "10.0.0.0/8", Description: "web" };
  await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule: rule }] }));
  expect((await rules()).find((each) => each.SecurityGroupRuleId === SecurityGroupRuleId)).toMatchObject(rule);
  const IpPermissions = [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "inner web" }] }];
  await ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand({ GroupId, IpPermissions }));
  expect((await rules()).find((each) => each.SecurityGroupRuleId === SecurityGroupRuleId)?.Description).toBe("inner web");
  const named = { GroupId, SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId }] };
  await ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand(named));
  expect((await rules()).find((each) => each.SecurityGroupRuleId === SecurityGroupRuleId)?.Description).toBeUndefined();
  const absent = { GroupId, SecurityGroupRules: [{ SecurityGroupRuleId: "sgr-00000000000000000", SecurityGroupRule: rule }] };
  expect(await refusal(ec2.send(new ModifySecurityGroupRulesCommand(absent)))).toMatch(/^400 InvalidSecurityGroupRuleId.NotFound/);
});
