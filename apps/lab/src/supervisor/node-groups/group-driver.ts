import type { InstanceId } from "@slash28/address";
import { asId } from "@slash28/address";
import {
  groupKey,
  launchIssue,
  rollFailed,
  turnGroup,
  withIssue,
  withUpdateEnded,
  type LaunchFault,
  type NodeAction,
  type Nodegroup,
} from "@slash28/node-groups";
import { textOf } from "../failure-text.ts";
import type { ClusterSite } from "./cluster-site.ts";
import type { GroupBook } from "./group-book.ts";
import { launchNodes } from "./launch-instances.ts";
import { labelNodes, remarkNodes } from "./mark-nodes.ts";
import { drainNode, setSchedulable } from "./move-pods.ts";
import type { GroupParts, NodeGroupsOptions } from "./node-groups.ts";
import { observeNodes, type ObservedNode } from "./observe-nodes.ts";
import { prepareLaunch, removeTemplate } from "./prepare-launch.ts";

export interface GroupDriver {
  /** Looks at every group once and does what is to be done now. */
  turn(): Promise<void>;
  /** Goes on until it is stopped; looks at once after a change. */
  run(): void;
  wake(): void;
  stop(): Promise<void>;
}

export interface GroupDriverOptions extends NodeGroupsOptions, GroupParts {
  readonly book: GroupBook;
}

/** While something is being done to a group, its nodes are looked at this often. */
const BUSY_MS = 500;
const IDLE_MS = 5_000;
/** A launch that EC2 refused is tried again after these; the last goes on. */
const RETRY_MS = [5_000, 15_000, 60_000] as const;

const REPLACE_AFTER_MS = 10_000;

/** What is remembered of groups from one look to the next. */
interface Memory {
  /** Launches that EC2 refused. */
  readonly refusals: Map<string, Refused>;
  /** Since when a group at rest lacks nodes. */
  readonly shortSince: Map<string, number>;
}

interface Refused {
  readonly fault: LaunchFault;
  readonly count: number;
  readonly retryAt: number;
}

export function startGroupDriver(options: GroupDriverOptions): GroupDriver {
  const { book, cloud, clock, log } = options;
  const stopped = new AbortController();
  const memory: Memory = { refusals: new Map(), shortSince: new Map() };
  let wakeUp = new AbortController();
  let last: Promise<void> = Promise.resolve();
  let loop: Promise<void> | undefined;
  const wake = (): void => wakeUp.abort();
  const turn = (): Promise<void> => (last = last.then(() => turnAll(options, memory)));
  const unsubscribe = cloud.subscribe(({ action }) => {
    if (action === "terminateInstances" || action === "settleInstance") wake();
  });
  const unlisten = book.onChange(wake);

  const go = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      wakeUp = new AbortController();
      try {
        await turn();
      } catch (cause) {
        last = Promise.resolve();
        // The Kubernetes API may be away for a while.
        log.warn("the node groups could not be looked after; trying again", {
          detail: textOf(cause),
        });
        await clock.sleep(IDLE_MS, stopped.signal);
        continue;
      }
      const isBusy =
        memory.shortSince.size > 0 ||
        Object.values(book.state.groups).some(({ work, draining }) => work !== undefined || Object.keys(draining).length > 0);
      await clock.sleep(isBusy ? BUSY_MS : IDLE_MS, AbortSignal.any([stopped.signal, wakeUp.signal]));
    }
  };

  return {
    turn,
    run: () => void (loop ??= go()),
    wake,
    async stop() {
      stopped.abort();
      unsubscribe();
      unlisten();
      await loop;
      await last.catch(() => undefined);
    },
  };
}

async function turnAll(options: GroupDriverOptions, memory: Memory): Promise<void> {
  for (const { cluster, name } of Object.values(options.book.state.groups)) {
    const site = options.siteOf(cluster);
    if (site !== undefined) await turnOne(options, site, { cluster, name }, memory);
  }
}

async function turnOne(
  options: GroupDriverOptions,
  site: ClusterSite,
  { cluster, name }: Pick<Nodegroup, "cluster" | "name">,
  memory: Memory,
): Promise<void> {
  const { book, clock } = options;
  const key = groupKey(cluster, name);
  const group = await prepared(options, site, { cluster, name });
  if (group === undefined) return;
  const nodes = await observeNodes(group, { ...options, kube: site.kube });
  // A call may have come in between; it is looked at with the next turn.
  if (book.find(cluster, name) !== group) return;
  const now = clock.now();
  const refused = memory.refusals.get(key);
  const { group: after, actions } = turnGroup(group, { nodes, now, ...(refused === undefined ? {} : { launchFault: refused.fault }) });
  if (after === undefined) {
    removeTemplate(options.cloud, group, now);
    options.roles().removeProfile(group);
    book.remove(group);
    memory.refusals.delete(key);
    return;
  }
  book.put(after);
  if (after.status === "CREATE_FAILED") memory.refusals.delete(key);
  await labelNodes(site.kube, after, nodes);
  await carryOut({ ...options, site, memory }, after, { actions: inDueTime(options, group, actions, memory), nodes });
  await finishConfig(options, site, { cluster, name }, nodes);
}

/** The group with a launch template that is up to date; `undefined` when there is none and the group says why. */
async function prepared(
  options: GroupDriverOptions,
  site: ClusterSite,
  { cluster, name }: Pick<Nodegroup, "cluster" | "name">,
): Promise<Nodegroup | undefined> {
  const { book, cloud, clock } = options;
  const group = book.find(cluster, name);
  const need = group === undefined ? "none" : preparation(group);
  if (group === undefined || need === "none") return group;
  const made = await prepareLaunch(group, { cloud, site, roles: options.roles(), now: clock.now(), keepsNodes: need === "config" });
  if (book.find(cluster, name) !== group) return undefined;
  const { work } = group;
  if (made.ok) {
    const isRoll = work?.kind === "roll";
    const after: Nodegroup = { ...group, launch: made.launch, ...(isRoll ? { work: { ...work, isPrepared: true } } : {}) };
    book.put(after);
    return after;
  }
  if (work?.kind === "roll") book.put(rollFailed(group, work, made.issue, clock.now()).group ?? group);
  else if (work?.kind === "create") {
    const { work: _done, ...rest } = withIssue(group, made.issue);
    book.put({ ...rest, status: "CREATE_FAILED" });
    options.failed?.(groupKey(cluster, name), made.issue.message);
  } else if (work?.kind === "config") book.put(configEnded(group, work.updateId, made.issue));
  return undefined;
}

function preparation({ work, launch, amiType }: Nodegroup): "create" | "roll" | "config" | "none" {
  if (work?.kind === "create" && launch === undefined) return "create";
  if (work?.kind === "roll" && !work.isPrepared) return "roll";
  // With an image of one's own nothing of the group's settings goes into user data.
  return work?.kind === "config" && amiType !== "CUSTOM" && launch !== undefined ? "config" : "none";
}

function configEnded(
  group: Nodegroup,
  updateId: string,
  issue?: { readonly code: string; readonly message: string; readonly resourceIds: readonly string[] },
): Nodegroup {
  const errors = issue === undefined ? [] : [{ errorCode: issue.code, errorMessage: issue.message, resourceIds: issue.resourceIds }];
  const { work: _done, ...rest } = withUpdateEnded(group, updateId, { status: issue === undefined ? "Successful" : "Failed", errors });
  return { ...rest, status: "ACTIVE" };
}

async function finishConfig(
  { book }: GroupDriverOptions,
  site: ClusterSite,
  { cluster, name }: Pick<Nodegroup, "cluster" | "name">,
  nodes: readonly ObservedNode[],
): Promise<void> {
  const group = book.find(cluster, name);
  if (group?.work?.kind !== "config") return;
  const { updateId } = group.work;
  await remarkNodes(site.kube, group, nodes, group.work);
  const latest = book.find(cluster, name);
  if (latest?.work?.kind === "config" && latest.work.updateId === updateId) book.put(configEnded(latest, updateId));
}

/** What a group at rest lacks is launched once it has lacked it for a while. */
function inDueTime(
  { clock, replaceAfterMs = REPLACE_AFTER_MS }: GroupDriverOptions,
  group: Nodegroup,
  actions: readonly NodeAction[],
  { shortSince }: Memory,
): readonly NodeAction[] {
  const key = groupKey(group.cluster, group.name);
  if (group.work !== undefined || !actions.some(({ kind }) => kind === "launch")) {
    shortSince.delete(key);
    return actions;
  }
  const since = shortSince.get(key) ?? clock.now();
  shortSince.set(key, since);
  return clock.now() - since >= replaceAfterMs ? actions : actions.filter(({ kind }) => kind !== "launch");
}

async function carryOut(
  options: GroupDriverOptions & { readonly site: ClusterSite; readonly memory: Memory },
  group: Nodegroup,
  { actions, nodes }: { readonly actions: readonly NodeAction[]; readonly nodes: readonly ObservedNode[] },
): Promise<void> {
  const { cloud, clock, log, site } = options;
  let hasChanged = false;
  for (const action of actions) {
    const node = action.kind === "launch" ? undefined : nodes.find(({ instanceId }) => instanceId === action.instanceId);
    switch (action.kind) {
      case "launch":
        hasChanged = launch(options, group, { nodes, count: action.count }) || hasChanged;
        break;
      case "drain":
        if (node !== undefined) await drainNode(site.kube, node, action);
        break;
      case "uncordon":
        if (node?.nodeName !== undefined) await setSchedulable(site.kube, node.nodeName, true);
        break;
      case "terminate":
        log.info("a node group ends a node", { group: group.name, instance: action.instanceId, node: node?.nodeName ?? "" });
        cloud.terminateInstances({ instanceIds: [asId<InstanceId>(action.instanceId)] }, { now: clock.now() });
        hasChanged = true;
        break;
      default:
        action satisfies never;
    }
  }
  if (hasChanged) options.changed();
}

function launch(
  { cloud, clock, log, memory }: GroupDriverOptions & { readonly memory: Memory },
  group: Nodegroup,
  order: { readonly nodes: readonly ObservedNode[]; readonly count: number },
): boolean {
  const { refusals } = memory;
  const key = groupKey(group.cluster, group.name);
  const now = clock.now();
  const before = refusals.get(key);
  if (before !== undefined && now < before.retryAt) return false;
  // Nodes that are being replaced do not count for the balance of zones: they go.
  const staying = order.nodes.filter(
    (node) => group.launch?.current.includes(node.launchVersion) === true && !Object.hasOwn(group.draining, node.instanceId),
  );
  const fault = launchNodes(cloud, group, staying, { count: order.count, now });
  if (fault === undefined) refusals.delete(key);
  else {
    const count = (before?.count ?? 0) + 1;
    refusals.set(key, { fault, count, retryAt: now + (RETRY_MS[count - 1] ?? RETRY_MS.at(-1) ?? 0) });
    if (before === undefined) log.warn("a node group cannot launch", { group: group.name, detail: launchIssue(fault).message });
  }
  return true;
}
