import type { EniId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import { asEni, pickersOf, type Decide, type EniRecord } from "../cloud/state.ts";
import { atLimit, eniInUse, invalidValue, notPermitted, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Error } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { connectionTrackingFault } from "./connection-tracking.ts";
import type { CreateEniInput, Eni } from "./eni.ts";
import { groupsFor, planEni, putEni, removeEni, type NewEni } from "./new-eni.ts";

/** EC2's checks, in its order: parameters, ids, quota, groups per ENI, addresses. */
export const createEni: Decide<CreateEniInput, Eni> = (state, input, { now }) => {
  const repeated = state.replies.find<Eni>("createEni", input, now);
  if (repeated !== undefined) return repeated;
  const { connectionTracking } = input;
  const fault = kindFault(input.kind ?? "interface") ?? tagFault(input.tags ?? {}) ?? connectionTrackingFault(connectionTracking ?? {});
  if (fault !== undefined) return refuse(fault);
  const subnet = find(state.subnets, input.subnetId, unknown.subnet);
  if (!subnet.ok) return subnet;
  const groups = groupsFor(state, subnet.value, input.groups, unknown.groupOfNewEni);
  if (!groups.ok) return groups;
  if (state.enis.size >= state.quotas.enis) return refuse(atLimit.enis());
  const { kind = "interface", description = "", primaryAddress, carry = {}, ipv6, hasPrimaryIpv6, tags = {} } = input;
  const wish: NewEni = {
    subnet: subnet.value,
    kind,
    description,
    groups: groups.value,
    primaryAddress,
    carry,
    ipv6,
    hasPrimaryIpv6,
    connectionTracking,
    tags,
  };
  const plan = planEni(wish, pickersOf(state, input.subnetId));
  if (!plan.ok) return plan;
  return ok(() => {
    const eni = asEni(state, putEni(state, plan.value, now));
    state.replies.keep("createEni", input, now, () => {
      const present = state.enis.get(eni.id);
      return present === undefined ? eni : asEni(state, present);
    });
    return eni;
  });
};

/** Branch ENIs come about by association, those of other services by themselves. */
const CREATABLE: readonly string[] = ["interface", "efa", "efa-only", "trunk"];

function kindFault(kind: string): Ec2Error | undefined {
  if (CREATABLE.includes(kind)) return undefined;
  return invalidValue(`Value (${kind}) for parameter InterfaceType is invalid. It is one of: ${CREATABLE.join(", ")}.`);
}

export const deleteEni: Decide<{ readonly eniId: EniId }, void> = (state, { eniId }) => {
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  const { status, requester } = found.value;
  if (requester !== undefined) {
    return refuse(notPermitted(`You do not have permission to access the specified resource: '${eniId}' belongs to ${requester.id}.`));
  }
  if (status !== "available") return refuse(invalidValue(`Network interface '${eniId}' is currently in use.`));
  if (state.trunkAssociations.some(({ trunkId }) => trunkId === eniId)) {
    return refuse(invalidValue(`Trunk interface '${eniId}' has branch interfaces associated with it and cannot be deleted.`));
  }
  return ok(() => removeEni(state, found.value));
};

export const describeEnis: Decide<{ readonly ids?: readonly EniId[] }, readonly Eni[]> = (state, { ids }) => {
  const found = findAll(state.enis, ids, unknown.eni);
  return found.ok ? ok(() => found.value.map((record) => asEni(state, record))) : found;
};

/** Why an ENI cannot be attached now, if so. */
export function freeEniFault(eni: EniRecord): Ec2Error | undefined {
  return eni.status === "available" ? undefined : eniInUse(eni.id);
}
