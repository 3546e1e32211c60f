import type { IdleReason, PoolPlan } from "@slash28/ipam";
import type { Node } from "../node.ts";

type Room = Pick<Node, "limits" | "settings" | "unmanaged">;

/** What keeps a pool from growing, and what to do; absent where the reason is no obstacle. */
const OBSTACLES: Partial<Readonly<Record<IdleReason, string>>> = {
  "subnet-full": "the subnet had no free address when last asked; it is asked again",
  "subnet-fragmented": "the subnet had no free /28 when last asked; it is asked again",
  "max-pods-reached": "as many addresses are held as max pods allows",
  "provisioning-disabled": "DISABLE_NETWORK_RESOURCE_PROVISIONING keeps the agent from asking for more",
  "node-unschedulable": "the node is cordoned; uncordon it, or set AWS_MANAGE_ENIS_NON_SCHEDULABLE",
};

/** Why a pod got no address, as an operator reads it in the pod's events: what the node has, what is in the way, what to do. */
export function whyNoAddress(
  counts: { readonly held: number; readonly assigned: number; readonly cooling: number },
  { lastPlan: plan, lastFault: fault, ...room }: Pick<Node, "lastPlan" | "lastFault"> & Room,
): string {
  const obstacle = fault?.message ?? obstacleOf(plan, room) ?? "the pool is growing";
  return `${counts.held} held, ${counts.assigned} assigned, ${counts.cooling} cooling down; ${obstacle}`;
}

function obstacleOf(plan: PoolPlan | undefined, room: Room): string | undefined {
  if (plan?.kind !== "idle") return undefined;
  return plan.why === "instance-full" ? noRoom(room) : OBSTACLES[plan.why];
}

function noRoom({ limits, settings, unmanaged }: Room): string {
  const { maxEni } = settings.pool;
  const taken =
    unmanaged.size === 0 ? "" : ` (${unmanaged.size} of its ENIs ${unmanaged.size === 1 ? "is" : "are"} managed by someone else)`;
  if (maxEni !== undefined && maxEni < limits.maxEnis)
    return `MAX_ENI=${maxEni} allows the instance no other ENI${taken}; raise MAX_ENI, lower max pods or delegate prefixes`;
  return `the instance has no room for another address${taken}; lower max pods, delegate prefixes or take a larger instance type`;
}
