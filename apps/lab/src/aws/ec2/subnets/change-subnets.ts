import { asId, type SubnetId, type VpcId } from "@slash28/address";
import type { CreateSubnetRequest, CreateSubnetResult, DeleteSubnetRequest, ModifySubnetAttributeRequest } from "@aws-sdk/client-ec2";
import { readCidr, readCidr6 } from "@slash28/vpc";
import { answer, DONE, mutation, need } from "../../action.ts";
import { AwsError, invalidCombination } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { wireSubnet } from "./describe-subnets.ts";

export const createSubnet = mutation<CreateSubnetRequest, CreateSubnetResult>("CreateSubnet", (input, { cloud, call }) => {
  if (input.Ipv6Native === true) throw new AwsError("UnsupportedOperation", "The lab has no subnets with IPv6 alone.");
  if (input.AvailabilityZone !== undefined && input.AvailabilityZoneId !== undefined) {
    throw invalidCombination("The parameter availabilityZone cannot be used with the parameter availabilityZoneId");
  }
  const zone = input.AvailabilityZone ?? input.AvailabilityZoneId;
  const created = cloud.createSubnet(
    {
      vpcId: asId<VpcId>(need(input.VpcId, "vpcId")),
      cidr: answer(readCidr(need(input.CidrBlock, "cidrBlock"), "cidrBlock")),
      ...(input.Ipv6CidrBlock === undefined ? {} : { ipv6Cidr: answer(readCidr6(input.Ipv6CidrBlock, "ipv6CidrBlock")) }),
      ...(zone === undefined ? {} : { zone }),
      tags: tagsFor("subnet", input.TagSpecifications),
    },
    call,
  );
  return { Subnet: wireSubnet(cloud, answer(created)) };
});

export const deleteSubnet = mutation<DeleteSubnetRequest, object>("DeleteSubnet", (input, { cloud, call }) => {
  answer(cloud.deleteSubnet({ subnetId: asId<SubnetId>(need(input.SubnetId, "subnetId")) }, call));
  return DONE;
});

export const modifySubnetAttribute = mutation<ModifySubnetAttributeRequest, object>("ModifySubnetAttribute", (input, { cloud, call }) => {
  const onLaunch = input.MapPublicIpOnLaunch?.Value;
  const onCreation = input.AssignIpv6AddressOnCreation?.Value;
  if (onLaunch !== undefined && onCreation !== undefined) {
    throw invalidCombination("Fields for multiple attribute types specified: mapPublicIpOnLaunch, assignIpv6AddressOnCreation");
  }
  if (onLaunch === undefined && onCreation === undefined) {
    const message = "Of a subnet's attributes the lab changes MapPublicIpOnLaunch and AssignIpv6AddressOnCreation only.";
    throw new AwsError("UnsupportedOperation", message);
  }
  const change = {
    ...(onLaunch === undefined ? {} : { hasPublicAddressOnLaunch: onLaunch }),
    ...(onCreation === undefined ? {} : { hasIpv6AddressOnCreation: onCreation }),
  };
  answer(cloud.modifySubnet({ subnetId: asId<SubnetId>(need(input.SubnetId, "subnetId")), ...change }, call));
  return DONE;
});
