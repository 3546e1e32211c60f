import type { InstanceId, Ipv4, SubnetId } from "@slash28/address";
import { AddressPicker } from "../addresses/address-picker.ts";
import { pickersOf, type Decide, type EniRecord, type State } from "../cloud/state.ts";
import { putAttachment } from "../enis/attach-actions.ts";
import { planEni, putEni, type PlannedEni, type SubnetPickers } from "../enis/new-eni.ts";
import { atLimit } from "../errors.ts";
import type { ReservationId } from "../ids.ts";
import { ok, refuse, type Ec2Error, type Ec2Result, type Millis } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { Tags } from "../tags/tag.ts";
import type { Instance, MetadataOptions, Reservation, RunInstancesInput } from "./instance.ts";
import { readLaunch, type LaunchForm, type LaunchPlace } from "./launch-form.ts";
import { forgetTerminated } from "./visible-instances.ts";

interface PlannedPlace {
  readonly place: LaunchPlace;
  readonly eni: { readonly kind: "new"; readonly plan: PlannedEni } | { readonly kind: "existing"; readonly eni: EniRecord };
}

interface PlannedInstance {
  readonly places: readonly PlannedPlace[];
  readonly publicAddress: Ipv4 | undefined;
}

/** As a new instance's metadata service is set when the caller says nothing. */
const METADATA: MetadataOptions = { isEnabled: true, needsToken: false, hopLimit: 1, showsTags: false };

/** Starts between `minCount` and `maxCount` instances: as many as there are addresses and ENIs for. */
export const runInstances: Decide<RunInstancesInput, Reservation> = (state, input, { now }) => {
  const repeated = state.replies.find<Reservation>("runInstances", input, now);
  if (repeated !== undefined) return repeated;
  const fault = tagFault(input.tags ?? {}) ?? tagFault(input.eniTags ?? {});
  if (fault !== undefined) return refuse(fault);
  const form = readLaunch(state, input);
  if (!form.ok) return form;
  const planned = planInstances(state, input, form.value);
  if (!planned.ok) return planned;
  return ok(() => {
    forgetTerminated(state, now);
    const id = state.mint.id<ReservationId>("r");
    const instances = planned.value.map((plan, index) => putInstance(state, input, plan, { id, index, now }));
    const ids = instances.map((instance) => instance.id);
    const reservation = { id, instances };
    state.replies.keep("runInstances", input, now, () => {
      const present = ids.flatMap((instanceId) => state.instances.get(instanceId) ?? []);
      return present.length === 0 ? reservation : { id, instances: present };
    });
    return reservation;
  });
};

function planInstances(state: State, input: RunInstancesInput, form: LaunchForm): Ec2Result<readonly PlannedInstance[]> {
  const pickers = new Map<SubnetId, SubnetPickers>();
  const publicPicker = new AddressPicker(state.publicAddresses, { kind: "lowest" });
  const planned: PlannedInstance[] = [];
  const newEnis = form.places.filter(({ from }) => from.kind === "new").length;
  while (planned.length < input.maxCount) {
    const isOverQuota = state.enis.size + newEnis * (planned.length + 1) > state.quotas.enis;
    const next: Ec2Result<PlannedInstance> = isOverQuota ? refuse(atLimit.enis()) : planOne(state, form, pickers, publicPicker);
    if (next.ok) planned.push(next.value);
    else if (planned.length < input.minCount) return next;
    else break;
  }
  return ok(planned);
}

function planOne(
  state: State,
  form: LaunchForm,
  pickers: Map<SubnetId, SubnetPickers>,
  publicPicker: AddressPicker,
): Ec2Result<PlannedInstance> {
  const places: PlannedPlace[] = [];
  for (const place of form.places) {
    if (place.from.kind === "existing") {
      places.push({ place, eni: place.from });
      continue;
    }
    const { wish } = place.from;
    const picker = pickers.get(wish.subnet.id) ?? pickersOf(state, wish.subnet.id);
    pickers.set(wish.subnet.id, picker);
    const plan = planEni(wish, picker);
    if (!plan.ok) return plan;
    places.push({ place, eni: { kind: "new", plan: plan.value } });
  }
  const publicAddress = form.hasPublicAddress ? publicPicker.address() : undefined;
  const isOut: Ec2Error | undefined = form.hasPublicAddress && publicAddress === undefined ? atLimit.publicAddresses() : undefined;
  return isOut === undefined ? ok({ places, publicAddress }) : refuse(isOut);
}

function putInstance(
  state: State,
  input: RunInstancesInput,
  plan: PlannedInstance,
  reservation: { readonly id: ReservationId; readonly index: number; readonly now: Millis },
): Instance {
  const { now } = reservation;
  const id = state.mint.id<InstanceId>("i");
  for (const [index, { place, eni: source }] of plan.places.entries()) {
    const eni = source.kind === "new" ? putEni(state, source.plan, now) : source.eni;
    const isPublic = index === 0 && plan.publicAddress !== undefined;
    if (isPublic) state.publicAddresses.take(plan.publicAddress);
    const withPublic = isPublic ? { ...eni, publicAddress: plan.publicAddress } : eni;
    if (index === 0) state.instances.put(newInstance(state, input, { id, eni: withPublic, ...reservationOf(reservation), now }));
    const instance = state.instances.get(id);
    if (instance === undefined) throw new Error(`${id} was not kept`);
    putAttachment(state, withPublic, instance, { ...place, now });
  }
  const made = state.instances.get(id);
  if (made === undefined) throw new Error(`${id} has no primary ENI`);
  return made;
}

function reservationOf({ id, index }: { readonly id: ReservationId; readonly index: number }) {
  return { reservationId: id, launchIndex: index };
}

function newInstance(
  state: State,
  input: RunInstancesInput,
  start: {
    readonly id: InstanceId;
    readonly eni: EniRecord;
    readonly reservationId: ReservationId;
    readonly launchIndex: number;
    readonly now: Millis;
  },
): Instance {
  const { id, eni, reservationId, launchIndex, now } = start;
  const { keyName, instanceProfile, userData, clientToken } = input;
  return {
    id,
    reservationId,
    launchIndex,
    ownerId: state.accountId,
    type: input.type,
    imageId: input.imageId,
    state: state.settlesAtOnce ? "running" : "pending",
    subnetId: eni.subnetId,
    vpcId: eni.vpcId,
    zone: eni.zone,
    enis: [],
    privateAddress: eni.primaryAddress,
    ...(eni.publicAddress === undefined ? {} : { publicAddress: eni.publicAddress }),
    hasPublicAddressOnStart: eni.publicAddress !== undefined,
    metadata: { ...METADATA, ...input.metadata },
    ...(keyName === undefined ? {} : { keyName }),
    ...(instanceProfile === undefined ? {} : { instanceProfile }),
    ...(userData === undefined ? {} : { userData }),
    ...(clientToken === undefined ? {} : { clientToken }),
    launchedAt: now,
    tags: { ...input.tags, ...templateTags(input) },
  };
}

/** EC2's own tags: a caller may not set them, and they do not count as the caller's. */
function templateTags({ launchTemplate }: RunInstancesInput): Tags {
  if (launchTemplate === undefined) return {};
  return { "aws:ec2launchtemplate:id": launchTemplate.id, "aws:ec2launchtemplate:version": String(launchTemplate.version) };
}
