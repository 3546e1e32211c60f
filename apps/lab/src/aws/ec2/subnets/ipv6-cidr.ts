import { asId, type SubnetId } from "@slash28/address";
import type {
  AssociateSubnetCidrBlockRequest,
  AssociateSubnetCidrBlockResult,
  DisassociateSubnetCidrBlockRequest,
  DisassociateSubnetCidrBlockResult,
} from "@aws-sdk/client-ec2";
import { readCidr6, type SubnetCidrAssociationId } from "@slash28/vpc";
import { answer, mutation, need } from "../../action.ts";
import { wireIpv6Cidr } from "./describe-subnets.ts";

export const associateSubnetCidrBlock = mutation<AssociateSubnetCidrBlockRequest, AssociateSubnetCidrBlockResult>(
  "AssociateSubnetCidrBlock",
  (input, { cloud, call }) => {
    const subnetId = asId<SubnetId>(need(input.SubnetId, "subnetId"));
    const cidr = answer(readCidr6(need(input.Ipv6CidrBlock, "ipv6CidrBlock"), "ipv6CidrBlock"));
    const { ipv6Cidr } = answer(cloud.associateSubnetCidr({ subnetId, cidr }, call));
    return { SubnetId: subnetId, Ipv6CidrBlockAssociation: wireIpv6Cidr(ipv6Cidr, "associating") };
  },
);

export const disassociateSubnetCidrBlock = mutation<DisassociateSubnetCidrBlockRequest, DisassociateSubnetCidrBlockResult>(
  "DisassociateSubnetCidrBlock",
  (input, { cloud, call }) => {
    const associationId = asId<SubnetCidrAssociationId>(need(input.AssociationId, "associationId"));
    const { subnetId, ipv6Cidr } = answer(cloud.disassociateSubnetCidr({ associationId }, call));
    return { SubnetId: subnetId, Ipv6CidrBlockAssociation: wireIpv6Cidr(ipv6Cidr, "disassociating") };
  },
);
