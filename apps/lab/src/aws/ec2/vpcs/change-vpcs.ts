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
import { wireAssociation, wireIpv6Association, wireVpc } from "./describe-vpcs.ts";

export const createVpc = mutation<CreateVpcRequest, CreateVpcResult>("CreateVpc", (input, { cloud, call }) => {
  refusePools(input);
  const cidr = answer(readCidr(need(input.CidrBlock, "cidrBlock"), "cidrBlock"));
  const hasIpv6 = input.AmazonProvidedIpv6CidrBlock === true;
  return { Vpc: wireVpc(cloud, answer(cloud.createVpc({ cidr, hasIpv6, tags: tagsFor("vpc", input.TagSpecifications) }, call))) };
});

export const deleteVpc = mutation<DeleteVpcRequest, object>("DeleteVpc", (input, { cloud, call }) => {
  answer(cloud.deleteVpc({ vpcId: asId<VpcId>(need(input.VpcId, "vpcId")) }, call));
  return DONE;
});

export const modifyVpcAttribute = mutation<ModifyVpcAttributeRequest, object>("ModifyVpcAttribute", (input, { cloud, call }) => {
  const wanted = [
    ["dns-support", input.EnableDnsSupport?.Value],
    ["dns-hostnames", input.EnableDnsHostnames?.Value],
    ["address-usage-metrics", input.EnableNetworkAddressUsageMetrics?.Value],
  ] as const;
  const [change, ...more] = wanted.flatMap(([attribute, value]) => (value === undefined ? [] : [{ attribute, value }]));
  if (more.length > 0) throw invalidCombination("Fields for multiple attribute types specified: one attribute is modified per call.");
  const vpcId = asId<VpcId>(need(input.VpcId, "vpcId"));
  answer(
    cloud.modifyVpc({ vpcId, change: need(change, "enableDnsSupport, enableDnsHostnames or enableNetworkAddressUsageMetrics") }, call),
  );
  return DONE;
});

export const associateVpcCidrBlock = mutation<AssociateVpcCidrBlockRequest, AssociateVpcCidrBlockResult>(
  "AssociateVpcCidrBlock",
  (input, { cloud, call }) => {
    refusePools(input);
    const vpcId = asId<VpcId>(need(input.VpcId, "vpcId"));
    if (input.AmazonProvidedIpv6CidrBlock === true) {
      if (input.CidrBlock !== undefined) {
        throw invalidCombination("The parameter cidrBlock cannot be used with the parameter amazonProvidedIpv6CidrBlock");
      }
      const { ipv6Association } = answer(cloud.associateVpcIpv6Cidr({ vpcId }, call));
      return { VpcId: vpcId, Ipv6CidrBlockAssociation: wireIpv6Association(cloud, ipv6Association, "associating") };
    }
    const cidr = answer(readCidr(need(input.CidrBlock, "cidrBlock"), "cidrBlock"));
    const { association } = answer(cloud.associateVpcCidr({ vpcId, cidr }, call));
    return { VpcId: vpcId, CidrBlockAssociation: wireAssociation(association, "associating") };
  },
);

export const disassociateVpcCidrBlock = mutation<DisassociateVpcCidrBlockRequest, DisassociateVpcCidrBlockResult>(
  "DisassociateVpcCidrBlock",
  (input, { cloud, call }) => {
    const associationId = asId<CidrAssociationId>(need(input.AssociationId, "associationId"));
    const { vpc, association, ipv6Association } = answer(cloud.disassociateVpcCidr({ associationId }, call));
    return {
      VpcId: vpc.id,
      CidrBlockAssociation: association === undefined ? undefined : wireAssociation(association, "disassociating"),
      Ipv6CidrBlockAssociation: ipv6Association === undefined ? undefined : wireIpv6Association(cloud, ipv6Association, "disassociating"),
    };
  },
);

/** Address pools of one's own, and IPAM's, are not there. */
function refusePools(input: Pick<CreateVpcRequest, "Ipv6CidrBlock" | "Ipv6Pool" | "Ipv4IpamPoolId" | "Ipv6IpamPoolId">): void {
  const pools = [input.Ipv6CidrBlock, input.Ipv6Pool, input.Ipv4IpamPoolId, input.Ipv6IpamPoolId];
  if (pools.some((pool) => pool !== undefined)) {
    throw new AwsError(
      "UnsupportedOperation",
      "The lab's IPv6 blocks are Amazon's (AmazonProvidedIpv6CidrBlock); it has no address pools.",
    );
  }
}
