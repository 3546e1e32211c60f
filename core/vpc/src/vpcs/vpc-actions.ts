import { cidrRangesEqual, type VpcId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { atLimit, depended, unknown } from "../errors.ts";
import type { NetworkAclId, RouteTableAssociationId, RouteTableId } from "../ids.ts";
import { ok, refuse } from "../result.ts";
import { defaultGroup } from "../security-groups/default-group.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { blockFault } from "./cidr-rules.ts";
import { freeIpv6Block } from "./ipv6-blocks.ts";
import type { CreateVpcInput, Ipv6CidrAssociation, ModifyVpcInput, Vpc } from "./vpc.ts";

/** Makes a VPC with its main route table and its default security group. */
export const createVpc: Decide<CreateVpcInput, Vpc> = (state, input) => {
  const fault = blockFault(input.cidr) ?? tagFault(input.tags ?? {});
  if (fault !== undefined) return refuse(fault);
  if (state.vpcs.size >= state.quotas.vpcs) return refuse(atLimit.vpcs());
  return ok(() => putNewVpc(state, input));
};

function putNewVpc(state: State, input: CreateVpcInput): Vpc {
  const id = state.mint.id<VpcId>("vpc");
  const block = input.hasIpv6 === true ? freeIpv6Block(state) : undefined;
  const routeTable = state.routeTables.put({
    id: state.mint.id<RouteTableId>("rtb"),
    vpcId: id,
    ownerId: state.accountId,
    routes: [input.cidr, ...(block === undefined ? [] : [block])].map((destination) => ({ destination, target: { kind: "local" } })),
    associations: [{ kind: "main", id: state.mint.id<RouteTableAssociationId>("rtbassoc") }],
    tags: {},
  });
  const group = state.groups.put(defaultGroup(state, id, block !== undefined));
  return state.vpcs.put({
    id,
    ownerId: state.accountId,
    cidrs: [{ id: state.mint.id("vpc-cidr-assoc"), cidr: input.cidr }],
    ipv6Cidrs: block === undefined ? [] : [{ id: state.mint.id<Ipv6CidrAssociation["id"]>("vpc-cidr-assoc"), cidr: block }],
    hasDnsSupport: true,
    hasDnsHostnames: false,
    hasAddressUsageMetrics: false,
    mainRouteTableId: routeTable.id,
    defaultGroupId: group.id,
    networkAclId: state.mint.id<NetworkAclId>("acl"),
    tags: input.tags ?? {},
  });
}

/** Takes a VPC away with its main route table and default group, once nothing else is left in it. */
export const deleteVpc: Decide<{ readonly vpcId: VpcId }, void> = (state, { vpcId }) => {
  const found = find(state.vpcs, vpcId, unknown.vpc);
  if (!found.ok) return found;
  const vpc = found.value;
  const isUsed =
    state.subnets.some((subnet) => subnet.vpcId === vpcId) ||
    state.gateways.some((gateway) => gateway.vpcId === vpcId) ||
    state.egressOnlyGateways.some((gateway) => gateway.vpcId === vpcId) ||
    state.groups.some((group) => group.vpcId === vpcId && group.id !== vpc.defaultGroupId) ||
    state.routeTables.some((table) => table.vpcId === vpcId && table.id !== vpc.mainRouteTableId);
  if (isUsed) return refuse(depended.vpc(vpcId));
  return ok(() => {
    state.routeTables.delete(vpc.mainRouteTableId);
    state.groups.delete(vpc.defaultGroupId);
    state.vpcs.delete(vpcId);
  });
};

export const describeVpcs: Decide<{ readonly ids?: readonly VpcId[] }, readonly Vpc[]> = (state, { ids }) => {
  const found = findAll(state.vpcs, ids, unknown.vpc);
  return found.ok ? ok(() => found.value) : found;
};

export const modifyVpc: Decide<ModifyVpcInput, Vpc> = (state, { vpcId, change }) => {
  const found = find(state.vpcs, vpcId, unknown.vpc);
  if (!found.ok) return found;
  return ok(() => state.vpcs.put({ ...found.value, [FIELD[change.attribute]]: change.value }));
};

const FIELD = {
  "dns-support": "hasDnsSupport",
  "dns-hostnames": "hasDnsHostnames",
  "address-usage-metrics": "hasAddressUsageMetrics",
} as const;

/** Gives every route table of a VPC one local route per block, first. */
export function changeLocalRoutes(state: State, vpc: Vpc): void {
  const locals = [...vpc.cidrs, ...vpc.ipv6Cidrs].map(({ cidr }) => ({ destination: cidr, target: { kind: "local" as const } }));
  for (const table of state.routeTables.where((table) => table.vpcId === vpc.id)) {
    const others = table.routes.filter(
      (route) => route.target.kind !== "local" && !locals.some((local) => cidrRangesEqual(local.destination, route.destination)),
    );
    state.routeTables.put({ ...table, routes: [...locals, ...others] });
  }
}
