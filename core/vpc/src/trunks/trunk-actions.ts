import type { InstanceLimits } from "@slash28/limits";
import { find, findAll } from "../cloud/find.ts";
import type { Decide, EniRecord, State } from "../cloud/state.ts";
import { limitsOfEni } from "../enis/assign-actions.ts";
import { freeEniFault } from "../enis/eni-actions.ts";
import { atLimit, invalidCombination, invalidValue, missing, unknown } from "../errors.ts";
import type { TrunkAssociationId } from "../ids.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import { dropAssociation } from "./drop-associations.ts";
import type { AssociateTrunkInput, TrunkAssociation } from "./trunk.ts";

const VLAN_MAX = 4_094;

/**
 * Ties a free ENI to a trunk: from then on it is a `branch`, in use, without an attachment of its own. How many a trunk takes follows from
 * its instance's type; EC2 publishes neither the codes of its refusals nor what a trunk takes before it is attached.
 */
export const associateTrunk: Decide<AssociateTrunkInput, TrunkAssociation> = (state, input, { now }) => {
  const repeated = state.replies.find<TrunkAssociation>("associateTrunk", input, now);
  if (repeated !== undefined) return repeated;
  const over = protocolOf(input);
  if ("code" in over) return refuse(over);
  const trunk = find(state.enis, input.trunkId, unknown.eni);
  if (!trunk.ok) return trunk;
  const branch = find(state.enis, input.branchId, unknown.eni);
  if (!branch.ok) return branch;
  const fault = pairFault(state, trunk.value, branch.value) ?? roomFault(state, trunk.value, over);
  if (fault !== undefined) return refuse(fault);
  return ok(() => {
    const association = state.trunkAssociations.put({
      id: state.mint.id<TrunkAssociationId>("trunk-assoc"),
      trunkId: input.trunkId,
      branchId: input.branchId,
      over,
      tags: {},
    });
    state.enis.put({ ...branch.value, kind: "branch", status: "in-use" });
    state.replies.keep("associateTrunk", input, now, () => association);
    return association;
  });
};

function protocolOf({ vlanId, greKey }: AssociateTrunkInput): TrunkAssociation["over"] | Ec2Error {
  if (vlanId !== undefined && greKey !== undefined) return invalidCombination("Only one of VlanId and GreKey may be specified.");
  if (greKey !== undefined) return { protocol: "GRE", greKey };
  if (vlanId === undefined) return missing("vlanId");
  const isGood = Number.isInteger(vlanId) && vlanId >= 1 && vlanId <= VLAN_MAX;
  return isGood ? { protocol: "VLAN", vlanId } : invalidValue(`Value (${vlanId}) for parameter vlanId is invalid.`);
}

function pairFault(state: State, trunk: EniRecord, branch: EniRecord): Ec2Error | undefined {
  if (trunk.kind !== "trunk") return invalidValue(`Network interface '${trunk.id}' is not a trunk interface.`);
  if (branch.kind === "trunk") return invalidValue(`Network interface '${branch.id}' is a trunk interface and cannot be a branch.`);
  if (trunk.zone !== branch.zone || trunk.vpcId !== branch.vpcId) {
    return invalidCombination("A trunk interface and its branch interfaces must be in the same availability zone and VPC.");
  }
  return freeEniFault(branch);
}

function roomFault(state: State, trunk: EniRecord, over: TrunkAssociation["over"]): Ec2Error | undefined {
  const present = state.trunkAssociations.where(({ trunkId }) => trunkId === trunk.id);
  const key = channelOf(over);
  if (present.some((row) => channelOf(row.over) === key))
    return invalidValue(`The ${key} is already in use on trunk interface '${trunk.id}'.`);
  const limits: InstanceLimits | undefined = limitsOfEni(state, trunk);
  const max = limits?.branchInterfaces;
  if (limits === undefined || max === undefined || present.length < max) return undefined;
  return atLimit.branches(max, limits.type);
}

function channelOf(over: TrunkAssociation["over"]): string {
  return over.protocol === "VLAN" ? `VLAN ${over.vlanId}` : `GRE key ${over.greKey}`;
}

export const disassociateTrunk: Decide<{ readonly associationId: TrunkAssociationId }, TrunkAssociation> = (state, { associationId }) => {
  const found = find(state.trunkAssociations, associationId, unknown.trunkAssociation);
  if (!found.ok) return found;
  return ok(() => {
    dropAssociation(state, found.value);
    return found.value;
  });
};

export const describeTrunkAssociations: Decide<{ readonly ids?: readonly TrunkAssociationId[] }, readonly TrunkAssociation[]> = (
  state,
  { ids },
) => {
  const found = findAll(state.trunkAssociations, ids, unknown.trunkAssociation);
  return found.ok ? ok(() => found.value) : found;
};
