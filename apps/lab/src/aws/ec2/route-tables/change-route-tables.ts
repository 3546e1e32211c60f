import { asId, type CidrRange, type EniId, type InstanceId, type SubnetId, type VpcId } from "@slash28/address";
import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  CreateRouteRequest,
  CreateRouteResult,
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteRequest,
  DeleteRouteTableRequest,
  DisassociateRouteTableRequest,
  ReplaceRouteRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
} from "@aws-sdk/client-ec2";
import {
  readCidr,
  readCidr6,
  type Cloud,
  type EgressOnlyGatewayId,
  type InternetGatewayId,
  type NatGatewayId,
  type RouteInput,
  type RouteTableAssociationId,
  type RouteTableId,
  type RouteTarget,
} from "@slash28/vpc";
import { answer, DONE, mutation, need, type ActionContext } from "../../action.ts";
import { AwsError, invalidCombination } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { wireRouteTable } from "./describe-route-tables.ts";

export const createRouteTable = mutation<CreateRouteTableRequest, CreateRouteTableResult>("CreateRouteTable", (input, { cloud, call }) => {
  const vpcId = asId<VpcId>(need(input.VpcId, "vpcId"));
  const created = cloud.createRouteTable({ vpcId, tags: tagsFor("route-table", input.TagSpecifications) }, call);
  return { RouteTable: wireRouteTable(cloud, answer(created)) };
});

export const deleteRouteTable = mutation<DeleteRouteTableRequest, object>("DeleteRouteTable", (input, { cloud, call }) => {
  answer(cloud.deleteRouteTable({ routeTableId: tableId(input.RouteTableId) }, call));
  return DONE;
});

export const createRoute = mutation<CreateRouteRequest, CreateRouteResult>("CreateRoute", (input, context) => {
  answer(context.cloud.createRoute(routeOf(input, context), context.call));
  return { Return: true };
});

export const replaceRoute = mutation<ReplaceRouteRequest, object>("ReplaceRoute", (input, context) => {
  answer(context.cloud.replaceRoute(routeOf(input, context), context.call));
  return DONE;
});

export const deleteRoute = mutation<DeleteRouteRequest, object>("DeleteRoute", (input, { cloud, call }) => {
  answer(cloud.deleteRoute({ routeTableId: tableId(input.RouteTableId), destination: destinationOf(input) }, call));
  return DONE;
});

export const associateRouteTable = mutation<AssociateRouteTableRequest, AssociateRouteTableResult>(
  "AssociateRouteTable",
  (input, { cloud, call }) => {
    const subnetId = asId<SubnetId>(need(input.SubnetId, "subnetId"));
    const { id } = answer(cloud.associateRouteTable({ routeTableId: tableId(input.RouteTableId), subnetId }, call));
    return { AssociationId: id, AssociationState: { State: "associated" } };
  },
);

export const disassociateRouteTable = mutation<DisassociateRouteTableRequest, object>(
  "DisassociateRouteTable",
  (input, { cloud, call }) => {
    const associationId = asId<RouteTableAssociationId>(need(input.AssociationId, "associationId"));
    answer(cloud.disassociateRouteTable({ associationId }, call));
    return DONE;
  },
);

export const replaceRouteTableAssociation = mutation<ReplaceRouteTableAssociationRequest, ReplaceRouteTableAssociationResult>(
  "ReplaceRouteTableAssociation",
  (input, { cloud, call }) => {
    const associationId = asId<RouteTableAssociationId>(need(input.AssociationId, "associationId"));
    const { id } = answer(cloud.replaceRouteTableAssociation({ associationId, routeTableId: tableId(input.RouteTableId) }, call));
    return { NewAssociationId: id, AssociationState: { State: "associated" } };
  },
);

function tableId(text: string | undefined): RouteTableId {
  return asId<RouteTableId>(need(text, "routeTableId"));
}

type Destination = Pick<CreateRouteRequest, "DestinationCidrBlock" | "DestinationIpv6CidrBlock" | "DestinationPrefixListId">;

function destinationOf(input: Destination): CidrRange {
  if (input.DestinationPrefixListId !== undefined) throw new AwsError("UnsupportedOperation", "The lab has no routes to prefix lists.");
  const { DestinationCidrBlock: ipv4, DestinationIpv6CidrBlock: ipv6 } = input;
  if (ipv4 !== undefined && ipv6 !== undefined) {
    throw invalidCombination("The parameter destinationCidrBlock cannot be used with the parameter destinationIpv6CidrBlock");
  }
  if (ipv6 !== undefined) return answer(readCidr6(ipv6, "destinationIpv6CidrBlock"));
  return answer(readCidr(need(ipv4, "destinationCidrBlock"), "destinationCidrBlock"));
}

function routeOf(input: CreateRouteRequest | ReplaceRouteRequest, { cloud }: ActionContext): RouteInput {
  return { routeTableId: tableId(input.RouteTableId), destination: destinationOf(input), target: targetOf(input, cloud) };
}

/** Exactly one target; an instance stands for its primary ENI. */
function targetOf(input: CreateRouteRequest | ReplaceRouteRequest, cloud: Cloud): RouteTarget {
  const { GatewayId, NatGatewayId, EgressOnlyInternetGatewayId, NetworkInterfaceId, InstanceId } = input;
  const targets: RouteTarget[] = [
    ...(GatewayId === undefined ? [] : [{ kind: "internet-gateway", gatewayId: asId<InternetGatewayId>(GatewayId) } as const]),
    ...(NatGatewayId === undefined ? [] : [{ kind: "nat-gateway", natGatewayId: asId<NatGatewayId>(NatGatewayId) } as const]),
    ...(EgressOnlyInternetGatewayId === undefined
      ? []
      : [{ kind: "egress-only-gateway", gatewayId: asId<EgressOnlyGatewayId>(EgressOnlyInternetGatewayId) } as const]),
    ...(NetworkInterfaceId === undefined ? [] : [{ kind: "eni", eniId: asId<EniId>(NetworkInterfaceId) } as const]),
    ...(InstanceId === undefined ? [] : [{ kind: "eni", eniId: primaryEniOf(cloud, InstanceId) } as const]),
  ];
  const [target] = targets;
  if (target !== undefined && targets.length === 1) return target;
  const names = "gatewayId, natGatewayId, egressOnlyInternetGatewayId, networkInterfaceId, instanceId";
  const code = targets.length === 0 ? "MissingParameter" : "InvalidParameterCombination";
  throw new AwsError(code, `The request must contain exactly one of ${names}: the targets the lab has`);
}

function primaryEniOf(cloud: Cloud, instanceId: string): EniId {
  const instance = cloud.view.instance(asId<InstanceId>(instanceId));
  if (instance === undefined) throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${instanceId}' does not exist`);
  const [primary, ...more] = instance.enis;
  if (primary !== undefined && more.length === 0) return primary;
  const message = `There are multiple interfaces attached to instance '${instanceId}'. Please specify an interface ID for the operation instead.`;
  throw new AwsError("InvalidInstanceID", primary === undefined ? `The instance '${instanceId}' has no network interface.` : message);
}
