import { cidrRangesEqual, formatCidrRange, isCidr6, type CidrRange, type SubnetId, type VpcId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { atLimit, depended, invalidValue, refusal, unknown } from "../errors.ts";
import type { RouteTableAssociationId, RouteTableId } from "../ids.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { Tags } from "../tags/tag.ts";
import { routeFault } from "./route-fault.ts";
import type { Route, RouteInput, RouteTable, RouteTableAssociation } from "./routing.ts";

export const createRouteTable: Decide<{ readonly vpcId: VpcId; readonly tags?: Tags }, RouteTable> = (state, { vpcId, tags = {} }) => {
  const found = find(state.vpcs, vpcId, unknown.vpc);
  if (!found.ok) return found;
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  const count = state.routeTables.where((table) => table.vpcId === vpcId).length;
  if (count >= state.quotas.routeTablesPerVpc) return refuse(atLimit.routeTables());
  const routes: readonly Route[] = [...found.value.cidrs, ...found.value.ipv6Cidrs].map(({ cidr }) => ({
    destination: cidr,
    target: { kind: "local" },
  }));
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
    return refuse(refusal("RouteAlreadyExists", `The route identified by ${formatCidrRange(destination)} already exists.`));
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

export const deleteRoute: Decide<{ readonly routeTableId: RouteTableId; readonly destination: CidrRange }, RouteTable> = (state, input) => {
  const found = find(state.routeTables, input.routeTableId, unknown.routeTable);
  if (!found.ok) return found;
  const table = found.value;
  const old = routeTo(table, input.destination);
  if (old === undefined) return refuse(noRoute(table, input.destination));
  if (old.target.kind === "local") {
    return refuse(invalidValue(`cannot remove local route ${formatCidrRange(input.destination)} in route table ${table.id}`));
  }
  return ok(() => state.routeTables.put({ ...table, routes: table.routes.filter((route) => route !== old) }));
};

function routeTo(table: RouteTable, destination: CidrRange): Route | undefined {
  return table.routes.find((route) => cidrRangesEqual(route.destination, destination));
}

function noRoute(table: RouteTable, destination: CidrRange): Ec2Error {
  const parameter = isCidr6(destination) ? "destination-ipv6-cidr-block" : "destination-cidr-block";
  return refusal("InvalidRoute.NotFound", `no route with ${parameter} ${formatCidrRange(destination)} in route table ${table.id}`);
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

/** Puts another table in the place of an association's; the main association moves the VPC's main table with it. The association gets a new id. */
export const replaceRouteTableAssociation: Decide<
  { readonly associationId: RouteTableAssociationId; readonly routeTableId: RouteTableId },
  RouteTableAssociation
> = (state, { associationId, routeTableId }) => {
  const [old] = state.routeTables.where(({ associations }) => associations.some(({ id }) => id === associationId));
  const association = old?.associations.find(({ id }) => id === associationId);
  if (old === undefined || association === undefined) return refuse(unknown.routeTableAssociation(associationId));
  const table = find(state.routeTables, routeTableId, unknown.routeTable);
  if (!table.ok) return table;
  if (table.value.vpcId !== old.vpcId) {
    return refuse(invalidValue(`route table ${routeTableId} and route table ${old.id} belong to different networks`));
  }
  return ok(() => {
    const next: RouteTableAssociation = { ...association, id: state.mint.id<RouteTableAssociationId>("rtbassoc") };
    state.routeTables.put({ ...old, associations: old.associations.filter((other) => other !== association) });
    const now = state.routeTables.get(routeTableId) ?? table.value;
    state.routeTables.put({ ...now, associations: [...now.associations, next] });
    const vpc = state.vpcs.get(old.vpcId);
    if (association.kind === "main" && vpc !== undefined) state.vpcs.put({ ...vpc, mainRouteTableId: routeTableId });
    return next;
  });
};

/** The table a subnet is associated with itself. */
export function ownTableOf(state: State, subnetId: SubnetId): RouteTable | undefined {
  return state.routeTables.where(({ associations }) => associations.some((row) => row.kind === "subnet" && row.subnetId === subnetId))[0];
}
