import type { EniId } from "@slash28/address";
import { findAll, find } from "../cloud/find.ts";
import { pickersOf, type Decide, type State, type SubnetRecord } from "../cloud/state.ts";
import { planEni, putEni, removeEni, type PlannedEni } from "../enis/new-eni.ts";
import { atLimit, invalidCombination, missing, refusal, unknown } from "../errors.ts";
import type { ElasticAssociationId, NatGatewayId } from "../ids.ts";
import { associate, dropElastic } from "../public-addresses/release.ts";
import { ok, refuse, type Ec2Error, type Ec2Result, type Millis } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { CreateNatGatewayInput, NatGateway } from "./nat-gateway.ts";

/** NAT gateways that are gone or failed stay visible for about an hour (AWS: "NAT gateways", delete). */
const GONE_VISIBLE_MS = 3_600_000;

export const createNatGateway: Decide<CreateNatGatewayInput, NatGateway> = (state, input, { now }) => {
  const repeated = state.replies.find<NatGateway>("createNatGateway", input, now);
  if (repeated !== undefined) return repeated;
  const { connectivity = "public", tags = {} } = input;
  const subnet = find(state.subnets, input.subnetId, unknown.subnet);
  if (!subnet.ok) return subnet;
  const fault = tagFault(tags) ?? addressFault(state, input, connectivity) ?? quotaFault(state, subnet.value);
  if (fault !== undefined) return refuse(fault);
  const plan = planNatEni(state, subnet.value, input);
  if (!plan.ok) return plan;
  return ok(() => {
    forgetGone(state, now);
    const nat = putNat(state, plan.value, { ...input, connectivity, tags }, now);
    if (state.settlesAtOnce) settle(state, nat.id, now);
    state.replies.keep("createNatGateway", input, now, () => state.natGateways.get(nat.id) ?? nat);
    return state.natGateways.get(nat.id) ?? nat;
  });
};

function addressFault(state: State, { addressId }: CreateNatGatewayInput, connectivity: "public" | "private"): Ec2Error | undefined {
  if (connectivity === "private") {
    return addressId === undefined ? undefined : invalidCombination("A private NAT gateway takes no AllocationId.");
  }
  if (addressId === undefined) return missing("AllocationId");
  const elastic = state.elasticAddresses.get(addressId);
  if (elastic === undefined) return unknown.elasticAddress(addressId);
  return elastic.association === undefined
    ? undefined
    : refusal("Resource.AlreadyAssociated", `Elastic IP address [${addressId}] is already associated`);
}

function quotaFault(state: State, { zone }: SubnetRecord): Ec2Error | undefined {
  const max = state.quotas.natGatewaysPerZone;
  const isCounted = (nat: NatGateway): boolean =>
    nat.state !== "deleted" && nat.state !== "failed" && state.subnets.get(nat.subnetId)?.zone === zone;
  return state.natGateways.where(isCounted).length >= max ? atLimit.natGateways(zone, max) : undefined;
}

function planNatEni(state: State, subnet: SubnetRecord, { privateAddress }: CreateNatGatewayInput): Ec2Result<PlannedEni> {
  if (state.enis.size >= state.quotas.enis) return refuse(atLimit.enis());
  const wish = {
    subnet,
    kind: "nat_gateway",
    description: "",
    groups: [],
    primaryAddress: privateAddress,
    carry: {},
    ipv6: { addressCount: 0 },
    tags: {},
  } as const;
  return planEni(wish, pickersOf(state, subnet.id));
}

type Settings = CreateNatGatewayInput & Required<Pick<CreateNatGatewayInput, "connectivity" | "tags">>;

function putNat(state: State, plan: PlannedEni, { connectivity, addressId, tags }: Settings, now: Millis): NatGateway {
  const id = state.mint.id<NatGatewayId>("nat");
  const requester = { id: state.accountId, attachmentOwner: "amazon-aws", attachmentId: state.mint.id("ela-attach") };
  const wish = { ...plan.wish, description: `Interface for NAT Gateway ${id}`, requester };
  const eni = putEni(state, { ...plan, wish }, now);
  const elastic = addressId === undefined ? undefined : state.elasticAddresses.get(addressId);
  if (elastic !== undefined) {
    associate(state, elastic, { id: state.mint.id<ElasticAssociationId>("eipassoc"), eniId: eni.id, privateAddress: eni.primaryAddress });
  }
  return state.natGateways.put({
    id,
    subnetId: eni.subnetId,
    vpcId: eni.vpcId,
    connectivity,
    state: "pending",
    eniId: eni.id,
    privateAddress: eni.primaryAddress,
    ...(elastic === undefined ? {} : { addressId: elastic.id, publicAddress: elastic.publicAddress }),
    createdAt: now,
    tags,
  });
}

/** Its routes stay and lead nowhere. */
export const deleteNatGateway: Decide<{ readonly natGatewayId: NatGatewayId }, NatGateway> = (state, { natGatewayId }, { now }) => {
  const found = find(state.natGateways, natGatewayId, unknown.natGateway);
  if (!found.ok) return found;
  const nat = found.value;
  return ok(() => {
    if (nat.state === "deleted" || nat.state === "deleting") return nat;
    state.natGateways.put({ ...nat, state: "deleting" });
    if (state.settlesAtOnce) settle(state, nat.id, now);
    return state.natGateways.get(nat.id) ?? nat;
  });
};

export const describeNatGateways: Decide<{ readonly ids?: readonly NatGatewayId[] }, readonly NatGateway[]> = (state, { ids }, { now }) => {
  const found = findAll(state.natGateways, ids, unknown.natGateway);
  return found.ok ? ok(() => found.value.filter((nat) => isVisible(nat, now))) : found;
};

/** Ends `pending` or `deleting`. Not an EC2 call: time passing. */
export const settleNatGateway: Decide<{ readonly natGatewayId: NatGatewayId }, void> = (state, { natGatewayId }, { now }) =>
  ok(() => settle(state, natGatewayId, now));

function settle(state: State, id: NatGatewayId, now: Millis): void {
  const nat = state.natGateways.get(id);
  if (nat?.state === "pending") {
    const hasWayOut = nat.connectivity === "private" || state.gateways.some((gateway) => gateway.vpcId === nat.vpcId);
    if (hasWayOut) state.natGateways.put({ ...nat, state: "available" });
    else fail(state, nat, now);
  } else if (nat?.state === "deleting") {
    letGo(state, nat.eniId);
    state.natGateways.put({ ...nat, state: "deleted", deletedAt: now });
  }
}

function fail(state: State, nat: NatGateway, now: Millis): void {
  letGo(state, nat.eniId);
  const failure = { code: "Gateway.NotAttached", message: `Network ${nat.vpcId} has no Internet gateway attached` };
  state.natGateways.put({ ...nat, state: "failed", failure, deletedAt: now });
}

function letGo(state: State, eniId: EniId): void {
  dropElastic(state, eniId);
  const eni = state.enis.get(eniId);
  if (eni !== undefined) removeEni(state, eni);
}

function isVisible({ deletedAt }: NatGateway, now: Millis): boolean {
  return deletedAt === undefined || now - deletedAt < GONE_VISIBLE_MS;
}

function forgetGone(state: State, now: Millis): void {
  for (const nat of state.natGateways.where((row) => !isVisible(row, now))) state.natGateways.delete(nat.id);
}
