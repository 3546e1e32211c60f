import {
  AllocateAddressCommand,
  AssignIpv6AddressesCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AssociateSubnetCidrBlockCommand,
  AssociateTrunkInterfaceCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  AttachNetworkInterfaceCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkInterfaceCommand,
  CreateNetworkInterfacePermissionCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCidrReservationCommand,
  DeleteEgressOnlyInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeleteNetworkInterfacePermissionCommand,
  DescribeAddressesCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacePermissionsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTrunkInterfaceAssociationsCommand,
  DescribeVpcsCommand,
  DisassociateAddressCommand,
  DisassociateTrunkInterfaceCommand,
  GetSubnetCidrReservationsCommand,
  ModifySubnetAttributeCommand,
  ReleaseAddressCommand,
  ReplaceRouteTableAssociationCommand,
  RunInstancesCommand,
  UnassignIpv6AddressesCommand,
  waitUntilNatGatewayAvailable,
} from "@aws-sdk/client-ec2";
import { limitsOf } from "@slash28/limits";
import { describe, expect, test } from "vitest";
import { createMetadataService } from "../../src/aws/index.ts";
import { aManualClock, aServedCloud, refusal } from "./lab-cloud.ts";

const { lab, http } = await aServedCloud({ limitsOf });

async function createEni(input: Partial<CreateNetworkInterfaceCommand["input"]> = {}): Promise<string> {
  const { NetworkInterface } = await http.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: lab.subnets[0], ...input }));
  return NetworkInterface?.NetworkInterfaceId ?? "";
}

async function eni(id: string) {
  const { NetworkInterfaces: [found] = [] } = await http.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  return found;
}

describe("IPv6, as a client sees it", () => {
  test("from the VPC's block over the subnet's range to an ENI's addresses and prefixes, and the metadata service", async () => {
    const { ec2 } = http;
    const { Ipv6CidrBlockAssociation: block } = await ec2.send(
      new AssociateVpcCidrBlockCommand({ VpcId: lab.vpcId, AmazonProvidedIpv6CidrBlock: true }),
    );
    expect(block).toMatchObject({ Ipv6CidrBlockState: { State: "associating" }, Ipv6Pool: "Amazon" });
    expect(block?.Ipv6CidrBlock).toMatch(/::\/56$/);
    const byBlock = { Filters: [{ Name: "ipv6-cidr-block-association.ipv6-cidr-block", Values: [block?.Ipv6CidrBlock ?? ""] }] };
    const { Vpcs: [vpc] = [] } = await ec2.send(new DescribeVpcsCommand(byBlock));
    expect(vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlockState?.State).toBe("associated");

    const range = (block?.Ipv6CidrBlock ?? "").replace("/56", "/64");
    await ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId: lab.subnets[0], Ipv6CidrBlock: range }));
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: lab.subnets[0], AssignIpv6AddressOnCreation: { Value: true } }));
    const byRange = { Filters: [{ Name: "ipv6-cidr-block-association.ipv6-cidr-block", Values: [range] }] };
    const { Subnets: [subnet] = [] } = await ec2.send(new DescribeSubnetsCommand(byRange));
    expect(subnet).toMatchObject({ SubnetId: lab.subnets[0], AssignIpv6AddressOnCreation: true });

    const { Instances: [instance] = [] } = await ec2.send(
      new RunInstancesCommand({ ImageId: "ami-1", InstanceType: "m5.large", MinCount: 1, MaxCount: 1, SubnetId: lab.subnets[0] }),
    );
    const first = range.replace("/64", "4");
    expect(instance?.Ipv6Address).toBe(first);
    const NetworkInterfaceId = instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "";
    const assigned = await ec2.send(new AssignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6PrefixCount: 1 }));
    expect(assigned.AssignedIpv6Addresses).toEqual([]);
    const [prefix = ""] = assigned.AssignedIpv6Prefixes ?? [];
    expect(prefix).toMatch(/\/80$/);
    expect(await eni(NetworkInterfaceId)).toMatchObject({
      Ipv6Address: first,
      Ipv6Addresses: [{ Ipv6Address: first, IsPrimaryIpv6: false }],
      Ipv6Prefixes: [{ Ipv6Prefix: prefix }],
    });
    const byAddress = { Filters: [{ Name: "ipv6-addresses.ipv6-address", Values: [first] }] };
    expect((await ec2.send(new DescribeNetworkInterfacesCommand(byAddress))).NetworkInterfaces).toHaveLength(1);

    const imds = createMetadataService({
      cloud: lab.cloud,
      instanceId: instance?.InstanceId as typeof lab.instanceId,
      clock: aManualClock(),
    });
    const leaf = async (path: string): Promise<string> => {
      const answer = await imds.fetch(new Request(`http://169.254.169.254/latest/meta-data/${path}`));
      return answer.status === 200 ? answer.text() : String(answer.status);
    };
    const mac = `network/interfaces/macs/${instance?.NetworkInterfaces?.[0]?.MacAddress}`;
    expect(await leaf("ipv6")).toBe(first);
    expect(await leaf(`${mac}/ipv6s`)).toBe(first);
    expect(await leaf(`${mac}/ipv6-prefix`)).toBe(prefix);
    expect(await leaf(`${mac}/subnet-ipv6-cidr-blocks`)).toBe(range);
    expect(await leaf(`${mac}/vpc-ipv6-cidr-blocks`)).toBe(block?.Ipv6CidrBlock);

    const gone = await ec2.send(new UnassignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6Prefixes: [prefix] }));
    expect(gone.UnassignedIpv6Prefixes).toEqual([prefix]);
    expect(await leaf(`${mac}/ipv6-prefix`)).toBe("404");

    await ec2.send(
      new CreateSubnetCidrReservationCommand({
        SubnetId: lab.subnets[0],
        Cidr: range.replace("/64", "8000:0:0:0/68"),
        ReservationType: "prefix",
      }),
    );
    const { SubnetIpv6CidrReservations } = await ec2.send(new GetSubnetCidrReservationsCommand({ SubnetId: lab.subnets[0] }));
    expect(SubnetIpv6CidrReservations).toHaveLength(1);
  });

  test("one way to ask, and an IPv6 range in a group's rule", async () => {
    const both = createEni({ Ipv6AddressCount: 1, Ipv6PrefixCount: 1 });
    expect(await refusal(both)).toMatch(/^400 InvalidParameterValue: You can and can only specify one of/);
    const { SecurityGroups: [group] = [] } = await http.ec2.send(new DescribeSecurityGroupsCommand({}));
    const permission = (CidrIpv6: string) => ({ IpProtocol: "tcp", FromPort: 443, ToPort: 443, Ipv6Ranges: [{ CidrIpv6 }] });
    const authorize = (range: string) =>
      http.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group?.GroupId, IpPermissions: [permission(range)] }));
    await authorize("2001:DB8:0::/32");
    expect(await refusal(authorize("2001:db8::/32"))).toMatch(/^400 InvalidPermission.Duplicate/);
    expect(await refusal(authorize("2001:db8::/129"))).toMatch(/^400 InvalidParameterValue/);
    const byRange = { Filters: [{ Name: "ip-permission.ipv6-cidr", Values: ["2001:db8::/32"] }] };
    expect((await http.ec2.send(new DescribeSecurityGroupsCommand(byRange))).SecurityGroups).toHaveLength(1);
  });
});

describe("gateways", () => {
  test("a private subnet's way out: an Elastic IP, a NAT gateway, a table of its own; deleted, its route is a blackhole", async () => {
    const { ec2 } = http;
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: InternetGateway?.InternetGatewayId, VpcId: lab.vpcId }));
    const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
    const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId: lab.subnets[0], AllocationId, ClientToken: "nat" }));
    expect(NatGateway).toMatchObject({ State: "pending", ConnectivityType: "public" });
    const NatGatewayId = NatGateway?.NatGatewayId ?? "";
    await waitUntilNatGatewayAvailable({ client: ec2, maxWaitTime: 60 }, { NatGatewayIds: [NatGatewayId] });
    const { NatGateways: [nat] = [] } = await ec2.send(
      new DescribeNatGatewaysCommand({ Filter: [{ Name: "state", Values: ["available"] }] }),
    );
    const [address] = nat?.NatGatewayAddresses ?? [];
    expect(address).toMatchObject({ AllocationId, PublicIp, IsPrimary: true });
    expect(await eni(address?.NetworkInterfaceId ?? "")).toMatchObject({
      InterfaceType: "nat_gateway",
      Status: "in-use",
      RequesterManaged: true,
      Description: `Interface for NAT Gateway ${NatGatewayId}`,
      Attachment: { InstanceOwnerId: "amazon-aws", Status: "attached" },
      Association: { PublicIp, AllocationId },
    });

    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: lab.vpcId }));
    const RouteTableId = RouteTable?.RouteTableId ?? "";
    const { AssociationId } = await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: lab.subnets[1] }));
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId }));
    const twoTargets = { RouteTableId, DestinationCidrBlock: "1.0.0.0/8", NatGatewayId, GatewayId: InternetGateway?.InternetGatewayId };
    expect(await refusal(ec2.send(new CreateRouteCommand(twoTargets)))).toMatch(/^400 InvalidParameterCombination/);
    expect(await refusal(ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "1.0.0.0/8" })))).toMatch(
      /^400 MissingParameter/,
    );
    const byNat = { Filters: [{ Name: "route.nat-gateway-id", Values: [NatGatewayId] }] };
    const stateOf = async (): Promise<string | undefined> => {
      const { RouteTables: [table] = [] } = await ec2.send(new DescribeRouteTablesCommand(byNat));
      return table?.Routes?.find((route) => route.NatGatewayId === NatGatewayId)?.State;
    };
    expect(await stateOf()).toBe("active");
    expect(await refusal(ec2.send(new ReleaseAddressCommand({ AllocationId })))).toMatch(/^400 InvalidIPAddress.InUse/);
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId }));
    expect(await stateOf()).toBe("blackhole");
    await ec2.send(new ReleaseAddressCommand({ AllocationId }));

    const { RouteTable: other } = await ec2.send(new CreateRouteTableCommand({ VpcId: lab.vpcId }));
    const replaced = await ec2.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: other?.RouteTableId }));
    expect(replaced.NewAssociationId).toMatch(/^rtbassoc-/);
  });

  test("an Elastic IP on an instance: shown on ENI, instance and address, found by filters, taken off by association", async () => {
    const { ec2 } = http;
    const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({}));
    const { AssociationId } = await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: lab.instanceId }));
    const { Addresses: [address] = [] } = await ec2.send(
      new DescribeAddressesCommand({ Filters: [{ Name: "instance-id", Values: [lab.instanceId] }] }),
    );
    expect(address).toMatchObject({ PublicIp, AllocationId, AssociationId, InstanceId: lab.instanceId, Domain: "vpc" });
    const byAllocation = { Filters: [{ Name: "association.allocation-id", Values: [AllocationId ?? ""] }] };
    expect((await ec2.send(new DescribeNetworkInterfacesCommand(byAllocation))).NetworkInterfaces?.[0]?.Association?.PublicIp).toBe(
      PublicIp,
    );
    expect(await refusal(ec2.send(new DescribeAddressesCommand({ PublicIps: ["192.0.2.9"] })))).toMatch(/^400 InvalidAddress.NotFound/);
    await ec2.send(new DisassociateAddressCommand({ AssociationId }));
    await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    expect(await refusal(ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId ?? ""] })))).toMatch(
      /^400 InvalidAllocationID.NotFound/,
    );
  });

  test("an egress-only internet gateway takes ::/0 only", async () => {
    const { ec2 } = http;
    const { EgressOnlyInternetGateway } = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: lab.vpcId }));
    const EgressOnlyInternetGatewayId = EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId ?? "";
    expect(EgressOnlyInternetGateway?.Attachments).toEqual([{ State: "attached", VpcId: lab.vpcId }]);
    const { RouteTables: [table] = [] } = await ec2.send(
      new DescribeRouteTablesCommand({ Filters: [{ Name: "association.main", Values: ["true"] }] }),
    );
    const route = (more: object) =>
      ec2.send(new CreateRouteCommand({ RouteTableId: table?.RouteTableId, EgressOnlyInternetGatewayId, ...more }));
    expect(await refusal(route({ DestinationCidrBlock: "0.0.0.0/0" }))).toMatch(/^400 InvalidParameterValue: .*IPv6 only/);
    await route({ DestinationIpv6CidrBlock: "::/0" });
    await ec2.send(new DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId }));
    const { RouteTables: [after] = [] } = await ec2.send(
      new DescribeRouteTablesCommand({ Filters: [{ Name: "route.destination-ipv6-cidr-block", Values: ["::/0"] }] }),
    );
    expect(after?.Routes?.find((each) => each.DestinationIpv6CidrBlock === "::/0")).toMatchObject({
      State: "blackhole",
      EgressOnlyInternetGatewayId,
    });
    expect((await ec2.send(new DescribeEgressOnlyInternetGatewaysCommand({}))).EgressOnlyInternetGateways).toEqual([]);
  });
});

test("trunk and branch look as EC2 shows them, and a tenth branch of an m5.large is refused", async () => {
  const { ec2 } = http;
  const trunk = await createEni({ InterfaceType: "trunk", Description: "aws-k8s-trunk-eni" });
  await ec2.send(new AttachNetworkInterfaceCommand({ NetworkInterfaceId: trunk, InstanceId: lab.instanceId, DeviceIndex: 2 }));
  const { InterfacePermission } = await ec2.send(
    new CreateNetworkInterfacePermissionCommand({ NetworkInterfaceId: trunk, AwsAccountId: "444455556666", Permission: "INSTANCE-ATTACH" }),
  );
  expect(InterfacePermission?.PermissionState).toEqual({ State: "granted" });
  const { NetworkInterfacePermissionId } = InterfacePermission ?? {};
  const byAccount = { Filters: [{ Name: "network-interface-permission.aws-account-id", Values: ["444455556666"] }] };
  expect((await ec2.send(new DescribeNetworkInterfacePermissionsCommand(byAccount))).NetworkInterfacePermissions).toHaveLength(1);
  await ec2.send(new DeleteNetworkInterfacePermissionCommand({ NetworkInterfacePermissionId, Force: true }));

  const associate = async (VlanId: number) => {
    const branch = await createEni({ Description: "aws-k8s-branch-eni" });
    const request = { TrunkInterfaceId: trunk, BranchInterfaceId: branch, VlanId };
    return { branch, ...(await ec2.send(new AssociateTrunkInterfaceCommand(request))) };
  };
  const { branch, InterfaceAssociation } = await associate(1);
  expect(InterfaceAssociation).toMatchObject({ InterfaceProtocol: "VLAN", VlanId: 1, TrunkInterfaceId: trunk, BranchInterfaceId: branch });
  const shown = await eni(branch);
  expect(shown).toMatchObject({ InterfaceType: "branch", Status: "in-use", RequesterManaged: false });
  expect(shown?.Attachment).toBeUndefined();
  expect(await eni(trunk)).toMatchObject({ InterfaceType: "trunk", Status: "in-use", Attachment: { DeviceIndex: 2 } });
  expect(await refusal(ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: branch })))).toMatch(/^400 InvalidParameterValue/);
  for (let vlan = 2; vlan <= 9; vlan++) await associate(vlan);
  expect(await refusal(associate(10))).toMatch(/^400 AttachmentLimitExceeded/);
  const { InterfaceAssociations, NextToken } = await ec2.send(new DescribeTrunkInterfaceAssociationsCommand({ MaxResults: 5 }));
  expect(InterfaceAssociations).toHaveLength(5);
  expect(NextToken).toBeDefined();
  const AssociationId = InterfaceAssociation?.AssociationId ?? "";
  await ec2.send(new DisassociateTrunkInterfaceCommand({ AssociationId }));
  await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: branch }));
  expect(await refusal(ec2.send(new DisassociateTrunkInterfaceCommand({ AssociationId })))).toMatch(/^400 InvalidAssociationID.NotFound/);
});
