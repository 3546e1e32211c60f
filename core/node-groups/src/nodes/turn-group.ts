import type { HealthIssue, UpdateError } from "@slash28/eks";
import { withIssue, withUpdateEnded, type GroupWork, type Millis, type Nodegroup } from "../nodegroup.ts";
import type { NodeAction, NodeView } from "./node-view.ts";
import { planRoll } from "./plan-roll.ts";
import { isCurrent, planDelete, planSteady } from "./plan-steady.ts";

/** How long a new node may take to be ready before EKS says it failed to join. */
export const JOIN_TIMEOUT_MS = 15 * 60_000;

/** A launch that EC2 refused. */
export interface LaunchFault {
  readonly code: string;
  readonly message: string;
}

export interface Observed {
  readonly nodes: readonly NodeView[];
  /** What EC2 said of the latest launch, if it refused it. */
  readonly launchFault?: LaunchFault;
  readonly now: Millis;
}

/** A group after one look at its nodes, and what is to be done to them. */
export interface Turned {
  /** Absent: the group is gone. */
  readonly group?: Nodegroup;
  readonly actions: readonly NodeAction[];
}

/** Decides on one group. Its launch template must have been derived already; without one there is nothing to launch. */
export function turnGroup(group: Nodegroup, observed: Observed): Turned {
  const { work } = group;
  switch (work?.kind) {
    case "delete":
      return turnDelete(group, observed);
    case "roll":
      return turnRoll(group, work, observed);
    case "create":
      return turnCreate(group, observed);
    case "config":
    case undefined:
      return turnSteady(group, observed);
    default:
      return work satisfies never;
  }
}

function turnDelete(group: Nodegroup, { nodes, now }: Observed): Turned {
  if (nodes.length === 0) return { actions: [] };
  const { actions, draining } = planDelete(group, nodes, now);
  return { group: withDraining(group, draining), actions };
}

function turnCreate(group: Nodegroup, observed: Observed): Turned {
  const { nodes, launchFault, now } = observed;
  const plan = planSteady(group, nodes, now);
  const failure = launchFault === undefined ? joinFailure(nodes, now) : launchIssue(launchFault);
  if (failure !== undefined) {
    const { work: _done, ...rest } = withIssue(group, failure);
    return { group: { ...rest, status: "CREATE_FAILED", modifiedAt: now }, actions: [] };
  }
  const ready = nodes.filter(({ isReady }) => isReady).length;
  if (ready < group.scaling.desiredSize) return { group: withDraining(group, plan.draining), actions: plan.actions };
  const { work: _done, ...rest } = group;
  return { group: { ...rest, status: "ACTIVE", modifiedAt: now, draining: plan.draining }, actions: plan.actions };
}

/** A group nothing special is done to: it is kept at its size, and says when it cannot be. */
function turnSteady(group: Nodegroup, { nodes, launchFault, now }: Observed): Turned {
  // EKS leaves a group that could not be made as it is, until it is deleted.
  if (group.status === "CREATE_FAILED") return { group, actions: [] };
  const { actions, draining } = planSteady(group, nodes, now);
  const issue = launchFault === undefined ? joinFailure(nodes, now) : launchIssue(launchFault);
  const isFull =
    nodes.filter(({ isReady, instanceId }) => isReady && !Object.hasOwn(draining, instanceId)).length >= group.scaling.desiredSize;
  let after = withDraining(group, draining);
  if (issue !== undefined) after = degraded(after, issue);
  else if (isFull && (group.health.length > 0 || group.status === "DEGRADED")) {
    after = { ...after, health: [], ...(group.status === "DEGRADED" ? { status: "ACTIVE" as const } : {}) };
  }
  return { group: after, actions };
}

function degraded(group: Nodegroup, issue: HealthIssue): Nodegroup {
  const isKnown = group.health.some((other) => JSON.stringify(other) === JSON.stringify(issue));
  const status = group.status === "ACTIVE" ? "DEGRADED" : group.status;
  return isKnown && status === group.status ? group : { ...withIssue(group, issue), status };
}

function turnRoll(group: Nodegroup, work: GroupWork & { kind: "roll" }, { nodes, launchFault, now }: Observed): Turned {
  const plan = planRoll(group, nodes, { now, isForced: work.isForced });
  const fresh = nodes.filter((node) => isCurrent(group, node));
  const failure = launchFault === undefined ? joinFailure(fresh, now) : launchIssue(launchFault);
  if (failure !== undefined) return rollFailed(group, work, failure, now);
  if (plan.stuck.length > 0) {
    const message = `Reached max retries while trying to evict pods from nodes in node group ${group.name}`;
    const resourceIds = plan.stuck.map(({ nodeName, instanceId }) => nodeName ?? instanceId);
    return rollFailed(group, work, { code: "PodEvictionFailure", message, resourceIds }, now);
  }
  if (!plan.isDone) return { group: withDraining(group, plan.draining), actions: plan.actions };
  const { work: _done, ...rest } = withUpdateEnded(group, work.updateId, { status: "Successful", errors: [] });
  return { group: { ...rest, status: "ACTIVE", modifiedAt: now, draining: {}, health: [] }, actions: plan.actions };
}

/** The update has failed: what held before holds again, and nodes that were being drained take pods again. */
export function rollFailed(group: Nodegroup, work: GroupWork & { kind: "roll" }, issue: HealthIssue, now: Millis): Turned {
  const error: UpdateError = { errorCode: issue.code, errorMessage: issue.message, resourceIds: issue.resourceIds };
  const {
    work: _done,
    launch: _launch,
    launchTemplate: _template,
    ...rest
  } = withUpdateEnded(group, work.updateId, { status: "Failed", errors: [error] });
  return {
    group: { ...rest, ...work.before, status: "ACTIVE", modifiedAt: now, draining: {} },
    actions: Object.keys(group.draining).map((instanceId) => ({ kind: "uncordon", instanceId })),
  };
}

function joinFailure(nodes: readonly NodeView[], now: Millis): HealthIssue | undefined {
  const broken = nodes.filter(({ problems }) => problems.length > 0);
  const late = nodes.filter(
    ({ isReady, nodeName, launchedAt }) => !isReady && nodeName === undefined && now - launchedAt >= JOIN_TIMEOUT_MS,
  );
  const failed = [...new Set([...broken, ...late])];
  if (failed.length === 0) return undefined;
  const [why] = broken.flatMap(({ problems }) => problems);
  const message = `Instances failed to join the kubernetes cluster${why === undefined ? "" : `: ${why}`}`;
  return { code: "NodeCreationFailure", message, resourceIds: failed.map(({ instanceId }) => instanceId) };
}

/** EC2's refusal as EKS tells it. */
export function launchIssue({ code, message }: LaunchFault): HealthIssue {
  const isFull = code === "InsufficientFreeAddressesInSubnet" || code === "InsufficientCidrBlocks";
  const text = `Could not launch On-Demand Instances. ${code} - ${message} Launching EC2 instance failed.`;
  return { code: isFull ? "InsufficientFreeAddresses" : "AsgInstanceLaunchFailures", message: text, resourceIds: [] };
}

function withDraining(group: Nodegroup, draining: Nodegroup["draining"]): Nodegroup {
  return JSON.stringify(draining) === JSON.stringify(group.draining) ? group : { ...group, draining };
}
