import type { AttachmentId, EniId } from "@slash28/address";
import type { InstanceLimits } from "@slash28/limits";
import { find } from "../cloud/find.ts";
import { heldBy, type Decide, type EniRecord, type State } from "../cloud/state.ts";
import { atLimit, invalidCombination, invalidValue, notPermitted, unknown, wrongState } from "../errors.ts";
import type { Instance } from "../instances/instance.ts";
import { ok, refuse, type Ec2Error, type Millis } from "../result.ts";
import type { AttachEniInput, Attachment, DetachEniInput, EniKind } from "./eni.ts";
import { freeEniFault } from "./eni-actions.ts";
import { ipv6SlotsFault, slotsFault, slotsOf } from "./slots.ts";

/** Where on an instance an ENI sits. */
export interface Position {
  readonly deviceIndex: number;
  readonly networkCard: number;
}

/** EC2's checks, in its order: ids, zone, in use, index, count; then whether the type can carry what the ENI holds. */
export const attachEni: Decide<AttachEniInput, Attachment> = (state, input, { now }) => {
  const { eniId, instanceId, deviceIndex, networkCard = 0 } = input;
  const eni = find(state.enis, eniId, unknown.eni);
  if (!eni.ok) return eni;
  const instance = find(state.instances, instanceId, unknown.instance);
  if (!instance.ok) return instance;
  const limits = limitsFor(state, instance.value);
  const position = { deviceIndex, networkCard };
  const fault =
    placeFault(eni.value, instance.value) ?? positionFault(state, instance.value, position, limits) ?? loadFault(state, eni.value, limits);
  if (fault !== undefined) return refuse(fault);
  return ok(() => putAttachment(state, eni.value, instance.value, { ...position, deleteOnTermination: false, now }));
};

function limitsFor(state: State, instance: Instance): InstanceLimits {
  const limits = state.limitsOf(instance.type);
  if (limits === undefined) throw new Error(`${instance.id} runs as ${instance.type}, whose limits are unknown`);
  return limits;
}

function placeFault(eni: EniRecord, instance: Instance): Ec2Error | undefined {
  if (instance.state !== "running" && instance.state !== "stopped") {
    return wrongState(`The instance '${instance.id}' is not in the 'running' or 'stopped' state.`);
  }
  if (eni.zone !== instance.zone) {
    return invalidCombination(`You may not attach a network interface to an instance if they are not in the same availability zone`);
  }
  return freeEniFault(eni);
}

function positionFault(
  state: State,
  instance: Instance,
  { deviceIndex, networkCard }: Position,
  limits: InstanceLimits,
): Ec2Error | undefined {
  const card = limits.networkCards.find(({ index }) => index === networkCard);
  if (card === undefined) {
    return invalidValue(`Network card index '${networkCard}' is not valid for instance type ${instance.type}.`);
  }
  if (!Number.isInteger(deviceIndex) || deviceIndex < 0) return invalidValue(`Invalid value '${deviceIndex}' for deviceIndex.`);
  const present = attachmentsOf(state, instance);
  const onCard = present.filter((attachment) => attachment.networkCard === networkCard);
  if (onCard.some((attachment) => attachment.deviceIndex === deviceIndex)) {
    return invalidValue(`Instance '${instance.id}' already has an interface attached at device index '${deviceIndex}'.`);
  }
  const max = eniMax(limits);
  const isFull = present.length + 1 > max || onCard.length + 1 > card.maxEnis;
  return isFull ? atLimit.attachments(present.length + 1, instance.type) : undefined;
}

/** ENIs on all network cards together. */
export function eniMax(limits: InstanceLimits): number {
  return limits.networkCards.reduce((sum, card) => sum + card.maxEnis, 0);
}

/** What the ENI gathered while unattached must fit the type. */
export function loadFault(state: State, eni: EniRecord, limits: InstanceLimits): Ec2Error | undefined {
  const held = heldBy(state, eni);
  const slots6 = eni.ipv6Addresses.length + eni.ipv6Prefixes.length;
  return (
    slotsFault(slotsOf(held), held.prefixes.length, limits) ??
    ipv6SlotsFault(slots6, eni.ipv6Prefixes.length, limits) ??
    trunkingFault(eni.kind, limits)
  );
}

/** Only types that trunk take a trunk ENI. */
function trunkingFault(kind: EniKind, limits: InstanceLimits): Ec2Error | undefined {
  if (kind !== "trunk" || limits.trunkingCompatible) return undefined;
  return invalidCombination(`Interface type trunk is not supported on instance type ${limits.type}.`);
}

function attachmentsOf(state: State, instance: Instance): Attachment[] {
  return instance.enis.flatMap((id) => state.enis.get(id)?.attachment ?? []);
}

/** Attaches; the instance is written too. */
export function putAttachment(
  state: State,
  eni: EniRecord,
  instance: Instance,
  how: Position & { readonly deleteOnTermination: boolean; readonly now: Millis },
): Attachment {
  const attachment: Attachment = {
    id: state.mint.id<AttachmentId>("eni-attach"),
    instanceId: instance.id,
    deviceIndex: how.deviceIndex,
    networkCard: how.networkCard,
    status: state.settlesAtOnce ? "attached" : "attaching",
    attachedAt: how.now,
    deleteOnTermination: how.deleteOnTermination,
  };
  state.enis.put({ ...eni, status: "in-use", attachment });
  state.attachments.set(attachment.id, eni.id);
  const rank = (id: EniId) => {
    const at = state.enis.get(id)?.attachment;
    return at === undefined ? 0 : at.networkCard * 1_000 + at.deviceIndex;
  };
  state.instances.put({ ...instance, enis: [...instance.enis, eni.id].sort((a, b) => rank(a) - rank(b)) });
  return attachment;
}

export const detachEni: Decide<DetachEniInput, Attachment> = (state, { attachmentId }) => {
  const eni = eniOfAttachment(state, attachmentId);
  if (eni?.attachment === undefined) return refuse(unknown.attachment(attachmentId));
  const { attachment } = eni;
  if (attachment.deviceIndex === 0 && attachment.networkCard === 0) {
    return refuse(notPermitted("The network interface at device index 0 and networkCard index 0 cannot be detached."));
  }
  if (state.trunkAssociations.some(({ trunkId }) => trunkId === eni.id)) {
    return refuse(invalidValue(`Trunk interface '${eni.id}' has branch interfaces associated with it and cannot be detached.`));
  }
  return ok(() => {
    const detaching: Attachment = { ...attachment, status: "detaching" };
    if (state.settlesAtOnce) putDetached(state, eni, attachment);
    else state.enis.put({ ...eni, attachment: detaching });
    return detaching;
  });
};

export const settleAttachment: Decide<{ readonly attachmentId: AttachmentId }, void> = (state, { attachmentId }) => {
  const eni = eniOfAttachment(state, attachmentId);
  return ok(() => {
    if (eni?.attachment?.status === "attaching") state.enis.put({ ...eni, attachment: { ...eni.attachment, status: "attached" } });
    else if (eni?.attachment?.status === "detaching") putDetached(state, eni, eni.attachment);
  });
};

function eniOfAttachment(state: State, id: AttachmentId): EniRecord | undefined {
  const eniId = state.attachments.get(id);
  return eniId === undefined ? undefined : state.enis.get(eniId);
}

/** Ends an attachment: the ENI is free again, the instance forgets it. */
export function putDetached(state: State, eni: EniRecord, attachment: Attachment): EniRecord {
  const { attachment: _ended, ...free } = eni;
  state.attachments.delete(attachment.id);
  const instance = state.instances.get(attachment.instanceId);
  if (instance !== undefined) state.instances.put({ ...instance, enis: instance.enis.filter((id) => id !== eni.id) });
  return state.enis.put({ ...free, status: "available" });
}
