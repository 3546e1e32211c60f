import type { VpcId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import type { Decide } from "../cloud/state.ts";
import { atLimit, unknown } from "../errors.ts";
import type { EgressOnlyGatewayId } from "../ids.ts";
import { ok, refuse } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { Tags } from "../tags/tag.ts";
import type { EgressOnlyGateway } from "./routing.ts";

interface CreateEgressOnlyGatewayInput {
  readonly vpcId: VpcId;
  readonly tags?: Tags;
  readonly clientToken?: string;
}

/** A gateway that lets IPv6 connections out and none in. It is attached from its making to its deletion. */
export const createEgressOnlyGateway: Decide<CreateEgressOnlyGatewayInput, EgressOnlyGateway> = (state, input, { now }) => {
  const repeated = state.replies.find<EgressOnlyGateway>("createEgressOnlyGateway", input, now);
  if (repeated !== undefined) return repeated;
  const { vpcId, tags = {} } = input;
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  if (!state.vpcs.has(vpcId)) return refuse(unknown.vpc(vpcId));
  if (state.egressOnlyGateways.size >= state.quotas.egressOnlyGateways) return refuse(atLimit.egressOnlyGateways());
  return ok(() => {
    const gateway = state.egressOnlyGateways.put({ id: state.mint.id<EgressOnlyGatewayId>("eigw"), vpcId, tags });
    state.replies.keep("createEgressOnlyGateway", input, now, () => gateway);
    return gateway;
  });
};

/** Its routes stay and lead nowhere. */
export const deleteEgressOnlyGateway: Decide<{ readonly gatewayId: EgressOnlyGatewayId }, void> = (state, { gatewayId }) => {
  const found = find(state.egressOnlyGateways, gatewayId, unknown.egressOnlyGateway);
  if (!found.ok) return found;
  return ok(() => state.egressOnlyGateways.delete(gatewayId));
};

export const describeEgressOnlyGateways: Decide<{ readonly ids?: readonly EgressOnlyGatewayId[] }, readonly EgressOnlyGateway[]> = (
  state,
  { ids },
) => {
  const found = findAll(state.egressOnlyGateways, ids, unknown.egressOnlyGateway);
  return found.ok ? ok(() => found.value) : found;
};
