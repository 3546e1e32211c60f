import type { InstanceId } from "@slash28/address";
import { findAll } from "../cloud/find.ts";
import type { Decide, State } from "../cloud/state.ts";
import { unknown } from "../errors.ts";
import { ok, refuse, type Millis } from "../result.ts";
import type { Instance } from "./instance.ts";

/** Terminated instances are shown for about an hour (AWS: "Terminate your instance"). */
const TERMINATED_VISIBLE_MS = 3_600_000;

function isVisible(instance: Instance, now: Millis): boolean {
  return instance.terminatedAt === undefined || now - instance.terminatedAt < TERMINATED_VISIBLE_MS;
}

export const describeInstances: Decide<{ readonly ids?: readonly InstanceId[] }, readonly Instance[]> = (state, { ids }, { now }) => {
  const found = findAll(state.instances, ids, unknown.instance);
  if (!found.ok) return found;
  const visible = found.value.filter((instance) => isVisible(instance, now));
  const gone = ids === undefined ? undefined : found.value.find((instance) => !isVisible(instance, now));
  return gone === undefined ? ok(() => visible) : refuse(unknown.instance(gone.id));
};

/** Drops the instances that nobody can see any more. */
export function forgetTerminated(state: State, now: Millis): void {
  for (const instance of state.instances.where((row) => !isVisible(row, now))) state.instances.delete(instance.id);
}
