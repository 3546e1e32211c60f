import type { Action, Cloud } from "../cloud/cloud.ts";
import { fromJson, type LoggedCall } from "./logged-call.ts";

/** Why a log cannot be replayed: which call, from 0, and what EC2 said to it. */
export interface ReplayFailure {
  readonly index: number;
  readonly action: string;
  readonly reason: string;
}

/**
 * Makes the calls of a log on a new cloud with the options of the old one. A call that is refused now was logged under other rules, by
 * another version; the cloud is then of no use.
 */
export function replayCalls(cloud: Cloud, calls: readonly LoggedCall[]): ReplayFailure | undefined {
  const actions = cloud as unknown as Readonly<Record<string, unknown>>;
  for (const [index, { action, now, input }] of calls.entries()) {
    const perform = actions[action];
    if (typeof perform !== "function") return { index, action, reason: "there is no such call in this version" };
    const result = (perform as Action<unknown, unknown>)(fromJson(input), { now });
    if (!result.ok) return { index, action, reason: `${result.error.code}: ${result.error.message}` };
  }
  return undefined;
}
