import { findCluster, withCluster, without, type Decide } from "../call.ts";
import { ok, type Millis } from "../result.ts";
import type { AddonRecord, AddonStatus, ClusterRecord, EksState, HealthIssue, UpdateRecord } from "../state.ts";
import { findAddon, putAddon } from "./addon-actions.ts";

/** An add-on that somebody has to do something for. */
export interface AddonTask {
  readonly cluster: ClusterRecord;
  readonly addon: AddonRecord;
}

/** Add-ons that are to be created, updated or deleted, of clusters that can be reached. */
export function addonTasks(state: EksState): readonly AddonTask[] {
  return reachable(state).flatMap((cluster) =>
    Object.values(cluster.addons).flatMap((addon) => (addon.work === undefined ? [] : [{ cluster, addon }])),
  );
}

/** How often EKS puts the objects of an add-on right. */
export const REPAIR_INTERVAL_MS = 15 * 60_000;

/**
 * Add-ons whose objects are to be looked at for drift.
 *
 * @param startedAt since when they are looked after here: what is older was put right by somebody else, who may have called things, such as
 * the endpoints of this Region, otherwise.
 */
export function addonsToRepair(state: EksState, now: Millis, startedAt = 0): readonly AddonTask[] {
  const isDue = (rightSince: Millis): boolean => rightSince < startedAt || now - rightSince >= REPAIR_INTERVAL_MS;
  return reachable(state).flatMap((cluster) =>
    Object.values(cluster.addons)
      .filter((addon) => addon.work === undefined && REPAIRABLE.has(addon.status))
      .filter((addon) => isDue(addon.repairedAt ?? addon.modifiedAt))
      .map((addon) => ({ cluster, addon })),
  );
}

/** After a failure there is nothing that is known to be right. */
const REPAIRABLE: ReadonlySet<AddonStatus> = new Set(["ACTIVE", "DEGRADED"]);

function reachable(state: EksState): readonly ClusterRecord[] {
  return Object.values(state.clusters).filter(({ connection, status }) => connection !== undefined && status !== "DELETING");
}

export interface Outcome {
  readonly cluster: string;
  readonly addon: string;
  /** What stands in the way; empty: all is well. */
  readonly issues: readonly HealthIssue[];
}

/** What creating or updating an add-on came to. An outcome of work that has been replaced meanwhile changes nothing. */
export const finishAddonWork: Decide<Outcome, void> = (state, input, call) => {
  const found = findAddon(findCluster(state, input.cluster), input.addon);
  if (!found.ok) return found;
  const { cluster, addon } = found.value;
  const { work, ...rest } = addon;
  if (work === undefined || work.kind === "delete") return ok({ state, value: undefined });
  const done: AddonRecord = {
    ...rest,
    status: statusAfter(work.kind, input.issues),
    health: input.issues,
    modifiedAt: call.now,
    repairedAt: call.now,
  };
  const updates =
    work.kind === "update"
      ? cluster.updates.map((update) => (update.id === work.updateId ? ended(update, input.issues) : update))
      : cluster.updates;
  return ok({ state: withCluster(state, { ...putAddon(cluster, done), updates }), value: undefined });
};

function statusAfter(kind: "create" | "update", issues: readonly HealthIssue[]): AddonStatus {
  if (issues.length === 0) return "ACTIVE";
  // Applied, but its pods are not there: EKS calls that degraded.
  if (issues.every(({ code }) => code === "InsufficientNumberOfReplicas")) return "DEGRADED";
  return kind === "create" ? "CREATE_FAILED" : "UPDATE_FAILED";
}

function ended(update: UpdateRecord, issues: readonly HealthIssue[]): UpdateRecord {
  const errors = issues.map(({ code, message, resourceIds }) => ({ errorCode: code, errorMessage: message, resourceIds }));
  return { ...update, status: issues.length === 0 ? "Successful" : "Failed", errors };
}

/** What a look at an add-on that nobody is changing has shown: well again, or its pods are missing. */
export const noteAddonHealth: Decide<Outcome, void> = (state, input) => {
  const found = findAddon(findCluster(state, input.cluster), input.addon);
  if (!found.ok) return found;
  const { cluster, addon } = found.value;
  if (addon.work !== undefined || !REPAIRABLE.has(addon.status)) return ok({ state, value: undefined });
  const status: AddonStatus = input.issues.length === 0 ? "ACTIVE" : "DEGRADED";
  if (status === addon.status && JSON.stringify(addon.health) === JSON.stringify(input.issues)) return ok({ state, value: undefined });
  return ok({ state: withCluster(state, putAddon(cluster, { ...addon, status, health: input.issues })), value: undefined });
};

/** Its objects are as they should be, as far as they are EKS's to set. */
export const addonRepaired: Decide<{ readonly cluster: string; readonly addon: string }, void> = (state, input, call) => {
  const found = findAddon(findCluster(state, input.cluster), input.addon);
  if (!found.ok) return found;
  const { cluster, addon } = found.value;
  return ok({ state: withCluster(state, putAddon(cluster, { ...addon, repairedAt: call.now })), value: undefined });
};

/** Nothing of it is left that EKS has a hand in; its own associations go with it. */
export const addonGone: Decide<{ readonly cluster: string; readonly addon: string }, void> = (state, input) => {
  const found = findAddon(findCluster(state, input.cluster), input.addon);
  if (!found.ok) return found;
  const { cluster, addon } = found.value;
  const kept = Object.entries(cluster.associations).filter(([, one]) => one.ownerArn !== addon.arn);
  const after: ClusterRecord = { ...cluster, addons: without(cluster.addons, addon.name), associations: Object.fromEntries(kept) };
  return ok({ state: withCluster(state, after), value: undefined });
};
