import { cidr4Contains, cidr4Equal, formatCidr4, type Cidr4, type SubnetId, type VpcId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { atLimit, depended, invalidValue, refusal, unknown } from "../errors.ts";
import type { RouteTableAssociationId, RouteTableId } from "../ids.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { Tags } from "../tags/tag.ts";
import type { Route, RouteInput, RouteTable, RouteTableAssociation } from "./routing.ts";

export const createRouteTable: Decide<{ readonly vpcId: VpcId; readonly tags?: Tags }, RouteTable> = (state, { vpcId, tags = {} }) => {
  const found = find(state.vpcs, vpcId, unknown.vpc);
  if (!found.ok) return found;
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  const count = state.routeTables.where((table) => table.vpcId === vpcId).length;
  if (count >= state.quotas.routeTablesPerVpc) return refuse(atLimit.routeTables());
  const routes: readonly Route[] = found.value.cidrs.map(({ cidr }) => ({ destination: cidr, target: { kind: "local" } }));
  return ok(() => state.routeTables.put({ id: state.mint.id("rtb"), vpcId, ownerId: state.accountId, routes, associations: [], tags }));
};

export const deleteRouteTable: Decide<{ readonly routeTableId: RouteTableId }, void> = (state, { routeTableId }) => {
  const found = find(state.routeTables, routeTableId, unknown.routeTable);
  if (!found.ok) return found;
  if (found.value.associations.length > 0) return refuse(depended.routeTable(routeTableId));
  return ok(() => state.routeTables.delete(routeTableId));
};

export const describeRouteTables: Decide<{ readonly ids?: readonly RouteTableId[] }, readonly RouteTable[]> = (state, { ids }) => {
  const found = findAll(state.routeTables, ids, unknown.routeTable);
  return found.ok ? ok(() => found.value) : found;
};

export const createRoute: Decide<RouteInput, RouteTable> = (state, input) => {
  const found = find(state.routeTables, input.routeTableId, unknown.routeTable);
  if (!found.ok) return found;
  const table = found.value;
  const { destination, target } = input;
  const fault = routeFault(state, table, input);
  if (fault !== undefined) return refuse(fault);
  if (routeTo(table, destination) !== undefined) {
    return refuse(refusal("RouteAlreadyExists", `The route identified by ${formatCidr4(destination)} already exists.`));
  }
  if (table.routes.length >= state.quotas.routesPerTable) return refuse(atLimit.routes());
  return ok(() => state.routeTables.put({ ...table, routes: [...table.routes, { destination, target }] }));
};

export const replaceRoute: Decide<RouteInput, RouteTable> = (state, input) => {
  const found = find(state.routeTables, input.routeTableId, unknown.routeTable);
  if (!found.ok) return found;
  const table = found.value;
  const { destination, target } = input;
  const old = routeTo(table, destination);
  if (old === undefined) return refuse(noRoute(table, destination));
  const fault = routeFault(state, table, input);
  if (fault !== undefined) return refuse(fault);
  return ok(() =>
    state.routeTables.put({ ...table, routes: table.routes.map((route) => (route === old ? { destination, target } : route)) }),
  );
};

export const deleteRoute: Decide<{ readonly routeTableId: RouteTableId; readonly destination: Cidr4 }, RouteTable> = (state, input) => {
  const found = find(state.routeTables, input.routeTableId, unknown.routeTable);
  if (!found.ok) return found;
  const table = found.value;
  const old = routeTo(table, input.destination);
  if (old === undefined) return refuse(noRoute(table, input.destination));
  if (old.target.kind === "local") {
    return refuse(invalidValue(`cannot remove local route ${formatCidr4(input.destination)} in route table ${table.id}`));
  }
  return ok(() => state.routeTables.put({ ...table, routes: table.routes.filter((route) => route !== old) }));
};

function routeTo(table: RouteTable, destination: Cidr4): Route | undefined {
  return table.routes.find((route) => cidr4Equal(route.destination, destination));
}

function noRoute(table: RouteTable, destination: Cidr4): Ec2Error {
  return refusal("InvalidRoute.NotFound", `no route with destination-cidr-block ${formatCidr4(destination)} in route table ${table.id}`);
}

/** The target must belong to the table's VPC, and the VPC's own blocks go to nothing but ENIs. */
function routeFault(state: State, table: RouteTable, { destination, target }: Route): Ec2Error | undefined {
  switch (target.kind) {
    case "local":
      return invalidValue("Local routes come with the VPC's CIDR blocks and are not created.");
    case "internet-gateway": {
      const gateway = state.gateways.get(target.gatewayId);
      if (gateway === undefined) return unknown.gateway(target.gatewayId);
      if (gateway.vpcId !== table.vpcId) {
        return invalidValue(`route table ${table.id} and network gateway ${gateway.id} belong to different networks`);
      }
      const blocks = state.vpcs.get(table.vpcId)?.cidrs ?? [];
      const isInside = blocks.some(({ cidr }) => cidr4Contains(cidr, destination));
      return isInside ? invalidValue(`The destination CIDR block ${formatCidr4(destination)} is within the CIDR of the VPC.`) : undefined;
    }
    case "eni": {
      const eni = state.enis.get(target.eniId);
      if (eni === undefined) return unknown.eni(target.eniId);
      return eni.vpcId === table.vpcId
        ? undefined
        : invalidValue(`route table ${table.id} and interface ${eni.id} belong to different networks`);
    }
    default:
      return target satisfies never;
  }
}

export const associateRouteTable: Decide<{ readonly routeTableId: RouteTableId; readonly subnetId: SubnetId }, RouteTableAssociation> = (
  state,
  { routeTableId, subnetId },
) => {
  const table = find(state.routeTables, routeTableId, unknown.routeTable);
  if (!table.ok) return table;
  const subnet = find(state.subnets, subnetId, unknown.subnet);
  if (!subnet.ok) return subnet;
  if (subnet.value.vpcId !== table.value.vpcId) {
    return refuse(invalidValue(`route table ${routeTableId} and subnet ${subnetId} belong to different networks`));
  }
  const present = ownTableOf(state, subnetId);
  if (present !== undefined) {
    const message = `the specified association for route table ${routeTableId} conflicts with an existing association`;
    return refuse(refusal("Resource.AlreadyAssociated", message));
  }
  return ok(() => {
    const association: RouteTableAssociation = { kind: "subnet", id: state.mint.id<RouteTableAssociationId>("rtbassoc"), subnetId };
    state.routeTables.put({ ...table.value, associations: [...table.value.associations, association] });
    return association;
  });
};

export const disassociateRouteTable: Decide<{ readonly associationId: RouteTableAssociationId }, void> = (state, { associationId }) => {
  const [table] = state.routeTables.where(({ associations }) => associations.some(({ id }) => id === associationId));
  const association = table?.associations.find(({ id }) => id === associationId);
  if (table === undefined || association === undefined) return refuse(unknown.routeTableAssociation(associationId));
  if (association.kind === "main") {
    return refuse(invalidValue(`cannot disassociate the main route table association ${associationId}`));
  }
  return ok(() => {
    state.routeTables.put({ ...table, associations: table.associations.filter((other) => other !== association) });
  });
};

/** The table a subnet is associated with itself. */
export function ownTableOf(state: State, subnetId: SubnetId): RouteTable | undefined {
  return state.routeTables.where(({ associations }) => associations.some((row) => row.kind === "subnet" && row.subnetId === subnetId))[0];
}
