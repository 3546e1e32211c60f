import { asId, type VpcId } from "@slash28/address";
import type {
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult,
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult,
  ModifyVpcAttributeRequest,
} from "@aws-sdk/client-ec2";
import { readCidr, type CidrAssociationId } from "@slash28/vpc";
import { answer, DONE, mutation, need } from "../../action.ts";
import { AwsError, invalidCombination } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { wireAssociation, wireVpc } from "./describe-vpcs.ts";

export const createVpc = mutation<CreateVpcRequest, CreateVpcResult>("CreateVpc", (input, { cloud, call }) => {
  if (input.AmazonProvidedIpv6CidrBlock === true || input.Ipv6CidrBlock !== undefined) throw noIpv6();
  const cidr = answer(readCidr(need(input.CidrBlock, "cidrBlock"), "cidrBlock"));
  return { Vpc: wireVpc(answer(cloud.createVpc({ cidr, tags: tagsFor("vpc", input.TagSpecifications) }, call))) };
});

export const deleteVpc = mutation<DeleteVpcRequest, object>("DeleteVpc", (input, { cloud, call }) => {
  answer(cloud.deleteVpc({ vpcId: asId<VpcId>(need(input.VpcId, "vpcId")) }, call));
  return DONE;
});

export const modifyVpcAttribute = mutation<ModifyVpcAttributeRequest, object>("ModifyVpcAttribute", (input, { cloud, call }) => {
  const support = input.EnableDnsSupport?.Value;
  const hostnames = input.EnableDnsHostnames?.Value;
  if (support !== undefined && hostnames !== undefined) {
    throw invalidCombination("Fields for multiple attribute types specified: enableDnsSupport, enableDnsHostnames");
  }
  const attribute = support === undefined ? "dns-hostnames" : "dns-support";
  const value = need(support ?? hostnames, "enableDnsSupport or enableDnsHostnames");
  answer(cloud.modifyVpc({ vpcId: asId<VpcId>(need(input.VpcId, "vpcId")), change: { attribute, value } }, call));
  return DONE;
});

export const associateVpcCidrBlock = mutation<AssociateVpcCidrBlockRequest, AssociateVpcCidrBlockResult>(
  "AssociateVpcCidrBlock",
  (input, { cloud, call }) => {
    if (input.AmazonProvidedIpv6CidrBlock === true || input.Ipv6CidrBlock !== undefined) throw noIpv6();
    const vpcId = asId<VpcId>(need(input.VpcId, "vpcId"));
    const cidr = answer(readCidr(need(input.CidrBlock, "cidrBlock"), "cidrBlock"));
    const { association } = answer(cloud.associateVpcCidr({ vpcId, cidr }, call));
    return { VpcId: vpcId, CidrBlockAssociation: wireAssociation(association, "associating") };
  },
);

export const disassociateVpcCidrBlock = mutation<DisassociateVpcCidrBlockRequest, DisassociateVpcCidrBlockResult>(
  "DisassociateVpcCidrBlock",
  (input, { cloud, call }) => {
    const associationId = asId<CidrAssociationId>(need(input.AssociationId, "associationId"));
    const { vpc, association } = answer(cloud.disassociateVpcCidr({ associationId }, call));
    return { VpcId: vpc.id, CidrBlockAssociation: wireAssociation(association, "disassociating") };
  },
);

function noIpv6(): AwsError {
  return new AwsError("UnsupportedOperation", "The lab's VPCs have IPv4 ranges only.");
}
