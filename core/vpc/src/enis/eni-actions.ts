import type { EniId } from "@slash28/address";
import { find, findAll } from "../cloud/find.ts";
import { asEni, pickerOf, type Decide, type EniRecord } from "../cloud/state.ts";
import { atLimit, eniInUse, invalidValue, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { connectionTrackingFault } from "./connection-tracking.ts";
import type { CreateEniInput, Eni, ModifyEniInput } from "./eni.ts";
import { groupsFor, planEni, putEni, removeEni } from "./new-eni.ts";

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
  const { description = "", primaryAddress, carry = {}, tags = {} } = input;
  const wish = { subnet: subnet.value, description, groups: groups.value, primaryAddress, carry, connectionTracking, tags };
  const plan = planEni(wish, pickerOf(state, input.subnetId));
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

/** Branch ENIs come about by association; the other kinds need instance features that are not modelled. */
function kindFault(kind: string): Ec2Error | undefined {
  if (kind === "interface") return undefined;
  return invalidValue(`Value (${kind}) for parameter InterfaceType is invalid. Only 'interface' can be created here.`);
}

export const deleteEni: Decide<{ readonly eniId: EniId }, void> = (state, { eniId }) => {
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  if (found.value.status !== "available") return refuse(invalidValue(`Network interface '${eniId}' is currently in use.`));
  return ok(() => removeEni(state, found.value));
};

export const describeEnis: Decide<{ readonly ids?: readonly EniId[] }, readonly Eni[]> = (state, { ids }) => {
  const found = findAll(state.enis, ids, unknown.eni);
  return found.ok ? ok(() => found.value.map((record) => asEni(state, record))) : found;
};

export const modifyEni: Decide<ModifyEniInput, Eni> = (state, { eniId, change }) => {
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  const eni = found.value;
  const put = (next: Partial<EniRecord>): Ec2Result<() => Eni> => ok(() => asEni(state, state.enis.put({ ...eni, ...next })));
  switch (change.attribute) {
    case "description":
      return put({ description: change.value });
    case "source-dest-check":
      return put({ hasSourceDestCheck: change.value });
    case "connection-tracking": {
      const fault = connectionTrackingFault(change.value);
      return fault === undefined ? put({ connectionTracking: { ...eni.connectionTracking, ...change.value } }) : refuse(fault);
    }
    case "groups": {
      if (change.value.length === 0) return refuse(invalidValue("You must specify at least one security group."));
      const subnet = find(state.subnets, eni.subnetId, unknown.subnet);
      if (!subnet.ok) return subnet;
      const groups = groupsFor(state, subnet.value, change.value, unknown.group);
      return groups.ok ? put({ groups: groups.value }) : groups;
    }
    case "delete-on-termination": {
      const { attachment } = eni;
      if (attachment === undefined || attachment.id !== change.attachmentId) return refuse(unknown.attachment(change.attachmentId));
      return put({ attachment: { ...attachment, deleteOnTermination: change.value } });
    }
    default:
      return change satisfies never;
  }
};

/** Why an ENI cannot be attached now, if so. */
export function freeEniFault(eni: EniRecord): Ec2Error | undefined {
  return eni.status === "available" ? undefined : eniInUse(eni.id);
}
