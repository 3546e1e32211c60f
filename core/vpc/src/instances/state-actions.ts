import type { InstanceId } from "@slash28/address";
import { AddressPicker } from "../addresses/address-picker.ts";
import { find, findAll } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { dropTrunkAssociations } from "../trunks/drop-associations.ts";
import { putDetached } from "../enis/attach-actions.ts";
import { removeEni } from "../enis/new-eni.ts";
import { invalidValue, unknown, wrongState } from "../errors.ts";
import { ok, refuse, type Millis } from "../result.ts";
import type { Instance, InstanceState, InstanceStateChange, MetadataOptions } from "./instance.ts";

type ChangeStates = Decide<{ readonly instanceIds: readonly InstanceId[] }, readonly InstanceStateChange[]>;

/** Ends instances: their ENIs marked so are deleted, the others become available. Ending one twice is no error. */
export const terminateInstances: ChangeStates = (state, { instanceIds }, { now }) => {
  const found = findAll(state.instances, instanceIds, unknown.instance);
  if (!found.ok) return found;
  return ok(() =>
    found.value.map((instance) => {
      if (instance.state !== "terminated") enter(state, instance, "shutting-down", now);
      return changeOf(state, instance);
    }),
  );
};

export const stopInstances: ChangeStates = (state, { instanceIds }, { now }) => {
  const found = findAll(state.instances, instanceIds, unknown.instance);
  if (!found.ok) return found;
  const wrong = found.value.find((instance) => !["running", "stopping", "stopped"].includes(instance.state));
  if (wrong !== undefined) return refuse(wrongState(`The instance '${wrong.id}' is not in a state from which it can be stopped.`));
  return ok(() =>
    found.value.map((instance) => {
      if (instance.state === "running") enter(state, instance, "stopping", now);
      return changeOf(state, instance);
    }),
  );
};

export const startInstances: ChangeStates = (state, { instanceIds }, { now }) => {
  const found = findAll(state.instances, instanceIds, unknown.instance);
  if (!found.ok) return found;
  const wrong = found.value.find((instance) => !["running", "pending", "stopped"].includes(instance.state));
  if (wrong !== undefined) return refuse(wrongState(`The instance '${wrong.id}' is not in a state from which it can be started.`));
  return ok(() =>
    found.value.map((instance) => {
      if (instance.state === "stopped") {
        if (instance.hasPublicAddressOnStart) givePublicAddress(state, instance);
        enter(state, state.instances.get(instance.id) ?? instance, "pending", now);
      }
      return changeOf(state, instance);
    }),
  );
};

function changeOf(state: State, before: Instance): InstanceStateChange {
  return { instanceId: before.id, previous: before.state, current: state.instances.get(before.id)?.state ?? before.state };
}

/** Puts an instance into a passing state; where the cloud settles at once, passes on. */
function enter(state: State, instance: Instance, passing: "pending" | "stopping" | "shutting-down", now: Millis): void {
  state.instances.put({ ...instance, state: passing });
  if (state.settlesAtOnce) settle(state, instance.id, now);
}

export const settleInstance: Decide<{ readonly instanceId: InstanceId }, void> = (state, { instanceId }, { now }) =>
  ok(() => settle(state, instanceId, now));

const SETTLED: Readonly<Partial<Record<InstanceState, InstanceState>>> = {
  pending: "running",
  stopping: "stopped",
  "shutting-down": "terminated",
};

function settle(state: State, id: InstanceId, now: Millis): void {
  const instance = state.instances.get(id);
  const next = instance === undefined ? undefined : SETTLED[instance.state];
  if (instance === undefined || next === undefined) return;
  if (next === "running") state.instances.put({ ...instance, state: next });
  else if (next === "stopped") state.instances.put({ ...withoutPublicAddress(state, instance), state: next });
  else end(state, instance, now);
}

function end(state: State, running: Instance, now: Millis): void {
  const instance = withoutPublicAddress(state, running);
  for (const id of instance.enis) {
    const eni = state.enis.get(id);
    if (eni?.attachment === undefined) continue;
    dropTrunkAssociations(state, eni.id);
    const free = putDetached(state, eni, eni.attachment);
    if (eni.attachment.deleteOnTermination) removeEni(state, free);
  }
  const { privateAddress: _private, ...rest } = instance;
  state.instances.put({ ...rest, enis: [], state: "terminated", terminatedAt: now });
}

/** A public address given at start goes back to the pool when the instance stops. */
function withoutPublicAddress(state: State, instance: Instance): Instance {
  const { publicAddress, ...rest } = instance;
  if (publicAddress === undefined) return instance;
  const [primary] = instance.enis;
  const holder = primary === undefined ? undefined : state.enis.get(primary);
  // An Elastic IP stays with its ENI.
  if (holder?.elasticAddressId !== undefined) return instance;
  if (holder?.publicAddress === publicAddress) {
    const { publicAddress: _gone, ...eni } = holder;
    state.publicAddresses.release(publicAddress);
    state.enis.put(eni);
  }
  return rest;
}

/** Where the pool is used up the instance starts without. */
function givePublicAddress(state: State, instance: Instance): void {
  const [primary] = instance.enis;
  const eni = primary === undefined ? undefined : state.enis.get(primary);
  const publicAddress = new AddressPicker(state.publicAddresses, { kind: "lowest" }).address();
  if (eni === undefined || publicAddress === undefined || eni.publicAddress !== undefined) return;
  state.publicAddresses.take(publicAddress);
  state.enis.put({ ...eni, publicAddress });
  state.instances.put({ ...instance, publicAddress });
}

const HOP_LIMIT_MAX = 64;

export const modifyMetadataOptions: Decide<{ readonly instanceId: InstanceId; readonly options: Partial<MetadataOptions> }, Instance> = (
  state,
  { instanceId, options },
) => {
  const found = find(state.instances, instanceId, unknown.instance);
  if (!found.ok) return found;
  const { hopLimit } = options;
  if (hopLimit !== undefined && !(Number.isInteger(hopLimit) && hopLimit >= 1 && hopLimit <= HOP_LIMIT_MAX)) {
    return refuse(
      invalidValue(`Value (${hopLimit}) for parameter HttpPutResponseHopLimit is invalid. It must be between 1 and ${HOP_LIMIT_MAX}.`),
    );
  }
  const instance = found.value;
  return ok(() => state.instances.put({ ...instance, metadata: { ...instance.metadata, ...options } }));
};
