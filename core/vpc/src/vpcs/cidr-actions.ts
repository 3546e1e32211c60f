import { cidr4Contains, cidr6Contains, cidrRangeContains, formatCidr4, type Cidr4, type Cidr6, type VpcId } from "@slash28/address";
import { find } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { atLimit, badVpcRange, depended, notPermitted, unknown } from "../errors.ts";
import type { CidrAssociationId } from "../ids.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import { letIpv6Out } from "../security-groups/default-group.ts";
import { furtherBlockFault } from "./cidr-rules.ts";
import { changeLocalRoutes } from "./vpc-actions.ts";
import { freeIpv6Block } from "./ipv6-blocks.ts";
import type { AssociateVpcCidrInput, CidrAssociation, Ipv6CidrAssociation, Vpc, VpcCidrChange } from "./vpc.ts";

/** Adds a block to a VPC, with its local route in every route table. */
export const associateVpcCidr: Decide<AssociateVpcCidrInput, VpcCidrChange & { readonly association: CidrAssociation }> = (
  state,
  { vpcId, cidr },
) => {
  const found = find(state.vpcs, vpcId, unknown.vpc);
  if (!found.ok) return found;
  const vpc = found.value;
  const blocks = vpc.cidrs.map((association) => association.cidr);
  const fault = furtherBlockFault(blocks, cidr);
  if (fault !== undefined) return refuse(fault);
  const { cidrsPerVpc } = state.quotas;
  if (vpc.cidrs.length >= cidrsPerVpc) return refuse(atLimit.cidrs(vpcId, cidrsPerVpc));
  if (coversRoute(state, vpc, cidr)) {
    return refuse(badVpcRange(`The CIDR '${formatCidr4(cidr)}' equals or contains the destination of a route of the VPC.`));
  }
  return ok(() => {
    const association: CidrAssociation = { id: state.mint.id("vpc-cidr-assoc"), cidr };
    const changed = state.vpcs.put({ ...vpc, cidrs: [...vpc.cidrs, association] });
    changeLocalRoutes(state, changed);
    return { vpc: changed, association };
  });
};

/** A new block may not equal or contain a route's destination (AWS: "VPC CIDR blocks"). */
function coversRoute(state: State, vpc: Vpc, cidr: Cidr4): boolean {
  return state.routeTables.some(
    (table) => table.vpcId === vpc.id && table.routes.some(({ destination }) => cidrRangeContains(cidr, destination)),
  );
}

/** Adds an IPv6 block of Amazon's to a VPC. */
export const associateVpcIpv6Cidr: Decide<{ readonly vpcId: VpcId }, VpcCidrChange & { readonly ipv6Association: Ipv6CidrAssociation }> = (
  state,
  { vpcId },
) => {
  const found = find(state.vpcs, vpcId, unknown.vpc);
  if (!found.ok) return found;
  const vpc = found.value;
  const { ipv6CidrsPerVpc } = state.quotas;
  if (vpc.ipv6Cidrs.length >= ipv6CidrsPerVpc) return refuse(atLimit.cidrs(vpcId, ipv6CidrsPerVpc));
  const cidr = freeIpv6Block(state);
  if (cidr === undefined) return refuse(atLimit.cidrs(vpcId, ipv6CidrsPerVpc));
  return ok(() => {
    const ipv6Association: Ipv6CidrAssociation = { id: state.mint.id("vpc-cidr-assoc"), cidr };
    if (vpc.ipv6Cidrs.length === 0) letIpv6Out(state, vpcId);
    const changed = state.vpcs.put({ ...vpc, ipv6Cidrs: [...vpc.ipv6Cidrs, ipv6Association] });
    changeLocalRoutes(state, changed);
    return { vpc: changed, ipv6Association };
  });
};

/** Takes a block away, unless it is the primary one or a subnet lies in it. */
export const disassociateVpcCidr: Decide<{ readonly associationId: CidrAssociationId }, VpcCidrChange> = (state, { associationId }) => {
  const [owner] = state.vpcs.where(({ ipv6Cidrs }) => ipv6Cidrs.some(({ id }) => id === associationId));
  if (owner !== undefined) return disassociateIpv6(state, owner, associationId);
  const [vpc] = state.vpcs.where(({ cidrs }) => cidrs.some(({ id }) => id === associationId));
  const association = vpc?.cidrs.find(({ id }) => id === associationId);
  if (vpc === undefined || association === undefined) return refuse(unknown.cidrAssociation(associationId));
  if (association === vpc.cidrs[0]) {
    return refuse(
      notPermitted(
        `The vpc CIDR block with association ID ${associationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      ),
    );
  }
  const isUsed = state.subnets.some((subnet) => subnet.vpcId === vpc.id && cidr4Contains(association.cidr, subnet.cidr));
  if (isUsed) return refuse(depended.cidr(associationId));
  return ok(() => {
    const changed = state.vpcs.put({ ...vpc, cidrs: vpc.cidrs.filter((other) => other !== association) });
    changeLocalRoutes(state, changed);
    return { vpc: changed, association };
  });
};

function disassociateIpv6(state: State, vpc: Vpc, associationId: CidrAssociationId): Ec2Result<() => VpcCidrChange> {
  const ipv6Association = vpc.ipv6Cidrs.find(({ id }) => id === associationId);
  if (ipv6Association === undefined) return refuse(unknown.cidrAssociation(associationId));
  const isIn = (range: Cidr6 | undefined): boolean => range !== undefined && cidr6Contains(ipv6Association.cidr, range);
  if (state.subnets.some((subnet) => subnet.vpcId === vpc.id && isIn(subnet.ipv6Cidr?.cidr))) return refuse(depended.cidr(associationId));
  return ok(() => {
    const changed = state.vpcs.put({ ...vpc, ipv6Cidrs: vpc.ipv6Cidrs.filter((other) => other !== ipv6Association) });
    changeLocalRoutes(state, changed);
    return { vpc: changed, ipv6Association };
  });
}
