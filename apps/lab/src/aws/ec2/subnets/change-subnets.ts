import { asId, type SubnetId, type VpcId } from "@slash28/address";
import type { CreateSubnetRequest, CreateSubnetResult, DeleteSubnetRequest, ModifySubnetAttributeRequest } from "@aws-sdk/client-ec2";
import { readCidr } from "@slash28/vpc";
import { answer, DONE, mutation, need } from "../../action.ts";
import { AwsError, invalidCombination } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { wireSubnet } from "./describe-subnets.ts";

export const createSubnet = mutation<CreateSubnetRequest, CreateSubnetResult>("CreateSubnet", (input, { cloud, call }) => {
  if (input.Ipv6CidrBlock !== undefined || input.Ipv6Native === true) {
    throw new AwsError("UnsupportedOperation", "The lab's subnets have IPv4 ranges only.");
  }
  if (input.AvailabilityZone !== undefined && input.AvailabilityZoneId !== undefined) {
    throw invalidCombination("The parameter availabilityZone cannot be used with the parameter availabilityZoneId");
  }
  const zone = input.AvailabilityZone ?? input.AvailabilityZoneId;
  const created = cloud.createSubnet(
    {
      vpcId: asId<VpcId>(need(input.VpcId, "vpcId")),
      cidr: answer(readCidr(need(input.CidrBlock, "cidrBlock"), "cidrBlock")),
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
  const value = input.MapPublicIpOnLaunch?.Value;
  if (value === undefined) throw new AwsError("UnsupportedOperation", "Of a subnet's attributes the lab changes MapPublicIpOnLaunch only.");
  answer(cloud.modifySubnet({ subnetId: asId<SubnetId>(need(input.SubnetId, "subnetId")), hasPublicAddressOnLaunch: value }, call));
  return DONE;
});
