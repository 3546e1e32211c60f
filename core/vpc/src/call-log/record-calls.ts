import type { Action, Cloud, CloudActions } from "../cloud/cloud.ts";
import { toJson, type LoggedCall } from "./logged-call.ts";

/**
 * A cloud that tells of every call that succeeded in changing it, before the caller has its answer. Descriptions, dry runs and refusals
 * change nothing and are not told.
 */
export function recordCalls(cloud: Cloud, append: (call: LoggedCall) => void): Cloud {
  // By descriptors: what the cloud beneath gives live, such as its revision, stays live.
  const descriptors = Object.getOwnPropertyDescriptors(cloud) as Record<string, PropertyDescriptor>;
  for (const [name, descriptor] of Object.entries(descriptors)) {
    const member: unknown = descriptor.value;
    if (isChange(name, member)) descriptor.value = recordedAction(name, member, append);
  }
  return Object.defineProperties({}, descriptors) as Cloud;
}

type AnyAction = Action<unknown, unknown>;

function isChange(name: string, member: unknown): member is AnyAction {
  return typeof member === "function" && name !== "subscribe" && !name.startsWith("describe");
}

function recordedAction(name: string, action: AnyAction, append: (call: LoggedCall) => void): AnyAction {
  return (input, call) => {
    const result = action(input, call);
    if (result.ok && call.dryRun !== true) append({ action: name as keyof CloudActions, now: call.now, input: toJson(input) });
    return result;
  };
}
