import { cidr4Contains } from "@slash28/address";
import { find } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { atLimit, badVpcRange, depended, notPermitted, unknown } from "../errors.ts";
import type { CidrAssociationId } from "../ids.ts";
import { ok, refuse } from "../result.ts";
import { formatCidr4, type Cidr4 } from "@slash28/address";
import { furtherBlockFault } from "./cidr-rules.ts";
import { changeLocalRoutes } from "./vpc-actions.ts";
import type { AssociateVpcCidrInput, CidrAssociation, Vpc } from "./vpc.ts";

interface CidrChange {
  readonly vpc: Vpc;
  readonly association: CidrAssociation;
}

/** Adds a block to a VPC, with its local route in every route table. */
export const associateVpcCidr: Decide<AssociateVpcCidrInput, CidrChange> = (state, { vpcId, cidr }) => {
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
    (table) => table.vpcId === vpc.id && table.routes.some(({ destination }) => cidr4Contains(cidr, destination)),
  );
}

/** Takes a block away, unless it is the primary one or a subnet lies in it. */
export const disassociateVpcCidr: Decide<{ readonly associationId: CidrAssociationId }, CidrChange> = (state, { associationId }) => {
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
