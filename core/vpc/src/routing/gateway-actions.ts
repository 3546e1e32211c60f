import type { VpcId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import type { Decide } from "../cloud/state.ts";
import { atLimit, depended, refusal, unknown } from "../errors.ts";
import type { InternetGatewayId } from "../ids.ts";
import { ok, refuse } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { Tags } from "../tags/tag.ts";
import type { InternetGateway } from "./routing.ts";

interface GatewayAndVpc {
  readonly gatewayId: InternetGatewayId;
  readonly vpcId: VpcId;
}

export const createInternetGateway: Decide<{ readonly tags?: Tags }, InternetGateway> = (state, { tags = {} }) => {
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  if (state.gateways.size >= state.quotas.internetGateways) return refuse(atLimit.gateways());
  return ok(() => state.gateways.put({ id: state.mint.id("igw"), ownerId: state.accountId, tags }));
};

export const deleteInternetGateway: Decide<{ readonly gatewayId: InternetGatewayId }, void> = (state, { gatewayId }) => {
  const found = find(state.gateways, gatewayId, unknown.gateway);
  if (!found.ok) return found;
  if (found.value.vpcId !== undefined) return refuse(depended.gateway(gatewayId));
  return ok(() => state.gateways.delete(gatewayId));
};

export const describeInternetGateways: Decide<{ readonly ids?: readonly InternetGatewayId[] }, readonly InternetGateway[]> = (
  state,
  { ids },
) => {
  const found = findAll(state.gateways, ids, unknown.gateway);
  return found.ok ? ok(() => found.value) : found;
};

/** A gateway serves one VPC, and a VPC has one gateway. */
export const attachInternetGateway: Decide<GatewayAndVpc, InternetGateway> = (state, { gatewayId, vpcId }) => {
  const found = find(state.gateways, gatewayId, unknown.gateway);
  if (!found.ok) return found;
  if (!state.vpcs.has(vpcId)) return refuse(unknown.vpc(vpcId));
  const isTaken = found.value.vpcId !== undefined || state.gateways.some((gateway) => gateway.vpcId === vpcId);
  if (isTaken) return refuse(refusal("Resource.AlreadyAssociated", `resource ${gatewayId} or network ${vpcId} is already attached`));
  return ok(() => state.gateways.put({ ...found.value, vpcId }));
};

/** Not while an instance of the VPC has a public address. */
export const detachInternetGateway: Decide<GatewayAndVpc, InternetGateway> = (state, { gatewayId, vpcId }) => {
  const found = find(state.gateways, gatewayId, unknown.gateway);
  if (!found.ok) return found;
  const { vpcId: attached, ...free } = found.value;
  if (attached !== vpcId) return refuse(refusal("Gateway.NotAttached", `resource ${gatewayId} is not attached to network ${vpcId}`));
  if (state.enis.some((eni) => eni.vpcId === vpcId && eni.publicAddress !== undefined)) {
    const message = `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`;
    return refuse(refusal("DependencyViolation", message));
  }
  return ok(() => state.gateways.put(free));
};
