import { addonsToRepair, addonTasks, type AddonTask, type Eks, type EksCall, type HealthIssue } from "@slash28/eks";
import type { Clock, Kube, Log } from "@slash28/ports";
import { textOf } from "../failure-text.ts";
import type { ApiServer } from "../../kubernetes/api-server/index.ts";
import { addonHealth } from "./addon-health.ts";
import type { AddonObjects } from "./addon-objects.ts";
import { applyAddon, objectsOf } from "./apply-addon.ts";
import type { EventBook } from "../event-book.ts";
import { deleteAsEks } from "./server-side-apply.ts";
import { liveVersion, tellSkippedVersions } from "./skipped-versions.ts";

/** A cluster whose add-ons can be worked on. */
export interface AddonTarget {
  readonly api: Pick<ApiServer, "handle">;
  readonly kube: Kube;
  /** What each add-on is made of here, by name. */
  readonly addons: Readonly<Record<string, AddonObjects>>;
}

export interface AddonDriverOptions {
  readonly eks: Eks;
  /** As whom EKS itself reports what it has done. */
  readonly call: () => EksCall;
  readonly targetOf: (cluster: string) => AddonTarget | undefined;
  readonly events: Pick<EventBook, "record">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Carries out what the model says is to be done for add-ons, and keeps an eye on those that are installed. */
export interface AddonDriver {
  /** Something may be to do. Returns at once. */
  wake(): void;
  close(): Promise<void>;
}

const POLL_MS = 250;
/** How long a rollout may take before the add-on counts as degraded. */
const ROLLOUT_MS = 5 * 60_000;
const WATCH_MS = 2_000;
/** Pods that are missing for less are nodes coming and going. */
const MISSING_FOR_MS = 60_000;

/** What a driver remembers of what it looked at. */
interface Seen {
  readonly startedAt: number;
  /** When pods of an add-on were first missed, by its key. */
  readonly missingSince: Map<string, number>;
}

export function startAddonDriver(options: AddonDriverOptions): AddonDriver {
  const { eks, clock, log } = options;
  const busy = new Map<string, Promise<void>>();
  const seen: Seen = { startedAt: clock.now(), missingSince: new Map() };
  const life = { isClosed: false };

  const follow = (): void => {
    if (life.isClosed) return;
    for (const task of addonTasks(eks.state)) {
      const key = keyOf(task);
      if (busy.has(key)) continue;
      const work = carryOut(options, task, () => life.isClosed)
        .catch((cause: unknown) => fail(options, task, cause))
        .finally(() => busy.delete(key));
      busy.set(key, work);
    }
  };

  const watch = async (): Promise<void> => {
    while (!life.isClosed) {
      await clock.sleep(WATCH_MS);
      follow();
      await lookAround(options, seen).catch((cause: unknown) => log.warn("add-ons could not be looked at", { detail: String(cause) }));
    }
  };
  void watch();
  return {
    wake: follow,
    async close() {
      life.isClosed = true;
      await Promise.all(busy.values());
    },
  };
}

function keyOf({ cluster, addon }: AddonTask): string {
  return `${cluster.name}/${addon.name}`;
}

async function carryOut(options: AddonDriverOptions, { cluster, addon }: AddonTask, isOver: () => boolean): Promise<void> {
  const { eks, call, targetOf, clock, log } = options;
  const name = { cluster: cluster.name, addon: addon.name };
  const target = targetOf(cluster.name);
  const make = target?.addons[addon.name];
  const { work } = addon;
  if (target === undefined || work === undefined) return;
  if (make === undefined) {
    const issue = { code: "InternalFailure", message: `This lab has no objects for the add-on ${addon.name}.`, resourceIds: [] };
    if (work.kind === "delete") eks.act("addonGone", name, call());
    else eks.act("finishAddonWork", { ...name, issues: [issue] }, call());
    return;
  }
  const objects = objectsOf(addon, make);
  if (work.kind === "delete") {
    if (!work.isPreserving) for (const placed of objects.toReversed()) await deleteAsEks(target.api, placed);
    eks.act("addonGone", name, call());
    log.info("an add-on is deleted", { ...name, objects: work.isPreserving ? "left in the cluster" : "deleted" });
    return;
  }
  const versionBefore = await liveVersion(target.kube, objects);
  const refused = await applyAddon(target.api, addon, objects, work.kind);
  if (refused.length === 0) await tellSkippedVersions(options, { kube: target.kube, cluster, addon, objects, from: versionBefore });
  const issues = refused.length > 0 ? refused : await rolledOut(clock, () => addonHealth(target.kube, objects), isOver);
  if (isOver()) return;
  eks.act("finishAddonWork", { ...name, issues }, call());
  log.info(issues.length === 0 ? "an add-on is as asked for" : "an add-on is not as asked for", {
    ...name,
    issues: issues.map(({ code }) => code).join(", "),
  });
}

async function rolledOut(
  clock: Clock,
  health: () => Promise<readonly HealthIssue[]>,
  isOver: () => boolean,
): Promise<readonly HealthIssue[]> {
  const until = clock.now() + ROLLOUT_MS;
  let issues = await health();
  while (issues.length > 0 && clock.now() < until && !isOver()) {
    await clock.sleep(POLL_MS);
    issues = await health();
  }
  return issues;
}

function fail({ eks, call, log }: AddonDriverOptions, { cluster, addon }: AddonTask, cause: unknown): void {
  const message = textOf(cause);
  log.error("an add-on could not be worked on", { cluster: cluster.name, addon: addon.name, detail: message });
  const issue = { code: "InternalFailure", message, resourceIds: [] };
  eks.act("finishAddonWork", { cluster: cluster.name, addon: addon.name, issues: [issue] }, call());
}

/** Notes add-ons whose pods are missing for long, and puts drifted objects right. */
async function lookAround(options: AddonDriverOptions, { startedAt, missingSince }: Seen): Promise<void> {
  const { eks, call, targetOf, clock, log } = options;
  for (const task of addonsToRepair(eks.state, clock.now(), startedAt)) {
    const target = targetOf(task.cluster.name);
    const make = target?.addons[task.addon.name];
    if (target === undefined || make === undefined) continue;
    const refused = await applyAddon(target.api, task.addon, objectsOf(task.addon, make), "repair");
    for (const { message } of refused)
      log.warn("an add-on could not be put right", { cluster: task.cluster.name, addon: task.addon.name, detail: message });
    eks.act("addonRepaired", { cluster: task.cluster.name, addon: task.addon.name }, call());
  }
  for (const cluster of Object.values(eks.state.clusters)) {
    for (const addon of Object.values(cluster.addons)) await noteHealth(options, { cluster, addon }, missingSince);
  }
}

async function noteHealth(
  { eks, call, targetOf, clock }: AddonDriverOptions,
  task: AddonTask,
  missingSince: Map<string, number>,
): Promise<void> {
  const target = targetOf(task.cluster.name);
  const make = target?.addons[task.addon.name];
  if (target === undefined || make === undefined || task.addon.work !== undefined) return;
  const key = keyOf(task);
  const issues = await addonHealth(target.kube, objectsOf(task.addon, make));
  if (issues.length === 0) missingSince.delete(key);
  const since = missingSince.get(key) ?? clock.now();
  if (issues.length > 0) missingSince.set(key, since);
  if (issues.length > 0 && clock.now() - since < MISSING_FOR_MS) return;
  eks.act("noteAddonHealth", { cluster: task.cluster.name, addon: task.addon.name, issues }, call());
}
