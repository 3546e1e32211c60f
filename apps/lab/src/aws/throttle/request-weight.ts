import type { RequestWeight } from "@slash28/vpc";
import type { AnyAction } from "../action.ts";

const BOUNDS = ["Filters", "MaxResults", "NextToken", "InstanceIds", "NetworkInterfaceIds", "GroupIds", "GroupNames"];

/** What the request weighs for EC2's token buckets. */
export function requestWeight(action: AnyAction, input: Readonly<Record<string, unknown>>): RequestWeight {
  const ids = input["InstanceIds"];
  return {
    action: action.name,
    mutates: action.mutates,
    unbounded: !action.mutates && BOUNDS.every((name) => input[name] === undefined),
    instances: action.name === "RunInstances" ? Number(input["MaxCount"]) : Array.isArray(ids) ? ids.length : 0,
  };
}
