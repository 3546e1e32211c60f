import { cidrRangeContains, formatCidrRange, isCidr6, type VpcId } from "@slash28/address";
import type { State } from "../cloud/state.ts";
import { invalidValue, refusal, unknown } from "../errors.ts";
import type { Ec2Error } from "../result.ts";
import type { Route, RouteTable } from "./routing.ts";

/** Why a table may not have this route: the target must belong to its VPC and take the family, and gateways take nothing of the VPC's own blocks. */
export function routeFault(state: State, table: RouteTable, { destination, target }: Route): Ec2Error | undefined {
  const text = formatCidrRange(destination);
  switch (target.kind) {
    case "local":
      return invalidValue("Local routes come with the VPC's CIDR blocks and are not created.");
    case "internet-gateway": {
      const gateway = state.gateways.get(target.gatewayId);
      if (gateway === undefined) return unknown.gateway(target.gatewayId);
      return foreignFault(table, gateway.vpcId, `network gateway ${gateway.id}`) ?? insideFault(state, table, destination);
    }
    case "egress-only-gateway": {
      const gateway = state.egressOnlyGateways.get(target.gatewayId);
      if (gateway === undefined) return unknown.egressOnlyGateway(target.gatewayId);
      if (!isCidr6(destination)) return invalidValue(`An egress-only internet gateway takes IPv6 only; ${text} is not.`);
      return foreignFault(table, gateway.vpcId, `network gateway ${gateway.id}`) ?? insideFault(state, table, destination);
    }
    case "nat-gateway": {
      const nat = state.natGateways.get(target.natGatewayId);
      if (nat === undefined || (nat.state !== "available" && nat.state !== "pending")) {
        return refusal("InvalidNatGatewayID.NotFound", `The natGateway ID '${target.natGatewayId}' does not exist`);
      }
      if (isCidr6(destination)) return invalidValue(`A NAT gateway takes IPv4 only; ${text} is not.`);
      return foreignFault(table, nat.vpcId, `natGateway ${nat.id}`);
    }
    case "eni": {
      const eni = state.enis.get(target.eniId);
      return eni === undefined ? unknown.eni(target.eniId) : foreignFault(table, eni.vpcId, `interface ${eni.id}`);
    }
    default:
      return target satisfies never;
  }
}

function foreignFault(table: RouteTable, vpcId: VpcId | undefined, what: string): Ec2Error | undefined {
  return vpcId === table.vpcId ? undefined : invalidValue(`route table ${table.id} and ${what} belong to different networks`);
}

function insideFault(state: State, table: RouteTable, destination: Route["destination"]): Ec2Error | undefined {
  const vpc = state.vpcs.get(table.vpcId);
  const blocks = [...(vpc?.cidrs ?? []), ...(vpc?.ipv6Cidrs ?? [])];
  const isInside = blocks.some(({ cidr }) => cidrRangeContains(cidr, destination));
  return isInside ? invalidValue(`The destination CIDR block ${formatCidrRange(destination)} is within the CIDR of the VPC.`) : undefined;
}
