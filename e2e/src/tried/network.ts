import type { TriedChapter } from "./tried.ts";

const ONE = "--output text";

/** A second range for pods, a private subnet with its NAT gateway, IPv6; and all of it taken away again. */
export const NETWORK: TriedChapter = {
  title: "The VPC's network",
  commands: [
    { command: `aws ec2 describe-vpcs --query 'Vpcs[0].VpcId' ${ONE}`, does: "the VPC", keep: "VPC", shows: [/^vpc-/] },
    {
      command: `aws ec2 associate-vpc-cidr-block --vpc-id $VPC --cidr-block 192.168.0.0/16`,
      does: "refuses a range that EC2 keeps apart from 10.0.0.0/8",
      exit: 254,
      shows: [/InvalidVpc\.Range.*restricted/s],
    },
    {
      command: `aws ec2 associate-vpc-cidr-block --vpc-id $VPC --cidr-block 100.64.0.0/16 --query CidrBlockAssociation.AssociationId ${ONE}`,
      does: "a second range, for pods",
      keep: "RANGE",
      shows: [/^vpc-cidr-assoc-/],
    },
    {
      command: `aws ec2 create-subnet --vpc-id $VPC --cidr-block 100.64.0.0/19 --availability-zone us-east-1a --query Subnet.SubnetId ${ONE}`,
      does: "a /19 of it in a zone",
      keep: "SUBNET",
      shows: [/^subnet-/],
    },
    { command: "aws ec2 create-tags --resources $SUBNET --tags Key=Name,Value=pods-a", does: "its name" },
    {
      command: `aws ec2 describe-subnets --filters Name=tag:Name,Values=pods-a --query 'Subnets[0].AvailableIpAddressCount' ${ONE}`,
      does: "its free addresses: all but AWS's five",
      shows: [/^8187$/m],
    },
    {
      command: `aws ec2 describe-subnets --filters Name=tag:Name,Values=nodes-a --query 'Subnets[0].SubnetId' ${ONE}`,
      does: "a public subnet",
      keep: "PUBLIC",
      shows: [/^subnet-/],
    },
    { command: `aws ec2 allocate-address --query AllocationId ${ONE}`, does: "an Elastic IP", keep: "ADDRESS", shows: [/^eipalloc-/] },
    {
      command: `aws ec2 create-nat-gateway --subnet-id $PUBLIC --allocation-id $ADDRESS --query NatGateway.NatGatewayId ${ONE}`,
      does: "a NAT gateway",
      keep: "NAT",
      shows: [/^nat-/],
    },
    { command: "aws ec2 wait nat-gateway-available --nat-gateway-ids $NAT", does: "waits until it works" },
    { command: `aws ec2 create-route-table --vpc-id $VPC --query RouteTable.RouteTableId ${ONE}`, does: "a route table", keep: "TABLE" },
    {
      command: "aws ec2 create-route --route-table-id $TABLE --destination-cidr-block 0.0.0.0/0 --nat-gateway-id $NAT",
      does: "its way out",
      shows: [/"Return": true/],
    },
    {
      command: `aws ec2 associate-route-table --route-table-id $TABLE --subnet-id $SUBNET --query AssociationId ${ONE}`,
      does: "the subnet is private now",
      keep: "FOLLOWS",
    },
    { command: "aws ec2 delete-nat-gateway --nat-gateway-id $NAT", does: "no NAT gateway any more" },
    {
      command: `aws ec2 describe-route-tables --route-table-ids $TABLE --query "RouteTables[0].Routes[?NatGatewayId=='$NAT'].State" ${ONE}`,
      does: "its route leads nowhere",
      shows: [/^blackhole$/m],
      eventually: true,
    },
    {
      command: `aws ec2 associate-vpc-cidr-block --vpc-id $VPC --amazon-provided-ipv6-cidr-block --query Ipv6CidrBlockAssociation.AssociationId ${ONE}`,
      does: "an IPv6 block",
      keep: "IPV6",
      shows: [/^vpc-cidr-assoc-/],
    },
    { command: "aws ec2 describe-vpcs --vpc-ids $VPC", does: "shows it", shows: [/"Ipv6CidrBlock": "[0-9a-f:]+\/56"/] },
    { command: "aws ec2 disassociate-vpc-cidr-block --association-id $IPV6", does: "takes it away" },
    { command: "aws ec2 disassociate-route-table --association-id $FOLLOWS", does: "the subnet follows the main table again" },
    { command: "aws ec2 delete-route-table --route-table-id $TABLE", does: "the table is gone" },
    { command: "aws ec2 release-address --allocation-id $ADDRESS", does: "the Elastic IP is given back", eventually: true },
    { command: "aws ec2 delete-subnet --subnet-id $SUBNET", does: "the subnet is gone" },
    { command: "aws ec2 disassociate-vpc-cidr-block --association-id $RANGE", does: "and the range with it" },
  ],
};
