import type { EksCall } from "./call.ts";
import { unknown } from "./errors.ts";
import { earlierReply, type TokenedRequest } from "./replies.ts";
import { ok, refuse, type EksResult } from "./result.ts";
import type { ClusterRecord, UpdateRecord } from "./state.ts";

export function newUpdate(
  call: Pick<EksCall, "now" | "newUuid">,
  type: string,
  params: readonly (readonly [type: string, value: string])[],
  addonName?: string,
): UpdateRecord {
  return {
    id: call.newUuid(),
    status: "InProgress",
    type,
    params: params.map(([name, value]) => ({ type: name, value })),
    createdAt: call.now,
    errors: [],
    ...(addonName === undefined ? {} : { addonName }),
  };
}

/** An update of the cluster, or of the add-on named. */
export function findUpdate(cluster: ClusterRecord, id: string, addonName?: string): EksResult<UpdateRecord> {
  const found = cluster.updates.find((update) => update.id === id && (addonName === undefined || update.addonName === addonName));
  return found === undefined ? refuse(unknown.update(cluster.name, id)) : ok(found);
}

/** The update that an earlier request with this token began, if there was one. */
export function earlierUpdate(cluster: ClusterRecord, request: TokenedRequest): EksResult<UpdateRecord | undefined> {
  const earlier = earlierReply(cluster, request);
  if (!earlier.ok) return earlier;
  return earlier.value === undefined ? ok(undefined) : findUpdate(cluster, earlier.value);
}

/** The updates of the cluster itself, or of the add-on named, newest first. */
export function updatesOf(cluster: ClusterRecord, addonName: string | undefined): readonly UpdateRecord[] {
  return cluster.updates.filter((update) => update.addonName === addonName).toReversed();
}
