import { asId, type EniId, type SubnetId, type VpcId } from "@slash28/address";
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
} from "@aws-sdk/client-ec2";
import {
  readCidr,
  type InternetGatewayId,
  type RouteInput,
  type RouteTableAssociationId,
  type RouteTableId,
  type RouteTarget,
} from "@slash28/vpc";
import { answer, DONE, mutation, need } from "../../action.ts";
import { AwsError } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { wireRouteTable } from "./describe-route-tables.ts";

export const createRouteTable = mutation<CreateRouteTableRequest, CreateRouteTableResult>("CreateRouteTable", (input, { cloud, call }) => {
  const vpcId = asId<VpcId>(need(input.VpcId, "vpcId"));
  const created = cloud.createRouteTable({ vpcId, tags: tagsFor("route-table", input.TagSpecifications) }, call);
  return { RouteTable: wireRouteTable(answer(created)) };
});

export const deleteRouteTable = mutation<DeleteRouteTableRequest, object>("DeleteRouteTable", (input, { cloud, call }) => {
  answer(cloud.deleteRouteTable({ routeTableId: tableId(input.RouteTableId) }, call));
  return DONE;
});

export const createRoute = mutation<CreateRouteRequest, CreateRouteResult>("CreateRoute", (input, { cloud, call }) => {
  answer(cloud.createRoute(routeOf(input), call));
  return { Return: true };
});

export const replaceRoute = mutation<ReplaceRouteRequest, object>("ReplaceRoute", (input, { cloud, call }) => {
  answer(cloud.replaceRoute(routeOf(input), call));
  return DONE;
});

export const deleteRoute = mutation<DeleteRouteRequest, object>("DeleteRoute", (input, { cloud, call }) => {
  const destination = answer(readCidr(need(input.DestinationCidrBlock, "destinationCidrBlock"), "destinationCidrBlock"));
  answer(cloud.deleteRoute({ routeTableId: tableId(input.RouteTableId), destination }, call));
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

function tableId(text: string | undefined): RouteTableId {
  return asId<RouteTableId>(need(text, "routeTableId"));
}

function routeOf(input: CreateRouteRequest | ReplaceRouteRequest): RouteInput {
  return {
    routeTableId: tableId(input.RouteTableId),
    destination: answer(readCidr(need(input.DestinationCidrBlock, "destinationCidrBlock"), "destinationCidrBlock")),
    target: targetOf(input),
  };
}

function targetOf({ GatewayId, NetworkInterfaceId }: CreateRouteRequest | ReplaceRouteRequest): RouteTarget {
  if (GatewayId !== undefined) return { kind: "internet-gateway", gatewayId: asId<InternetGatewayId>(GatewayId) };
  if (NetworkInterfaceId !== undefined) return { kind: "eni", eniId: asId<EniId>(NetworkInterfaceId) };
  throw new AwsError("MissingParameter", "The request must contain exactly one of gatewayId, networkInterfaceId: the targets the lab has");
}
