import type { IdleReason, PoolPlan } from "@slash28/ipam";
import type { Fault } from "@slash28/ports";

/** What keeps a pool from growing, and what to do; absent where the reason is no obstacle. */
const OBSTACLES: Partial<Readonly<Record<IdleReason, string>>> = {
  "instance-full": "the instance has no room for another address; lower max pods, delegate prefixes or take a larger instance type",
  "subnet-full": "the subnet had no free address when last asked; it is asked again",
  "subnet-fragmented": "the subnet had no free /28 when last asked; it is asked again",
  "max-pods-reached": "as many addresses are held as max pods allows",
  "provisioning-disabled": "DISABLE_NETWORK_RESOURCE_PROVISIONING keeps the agent from asking for more",
  "node-unschedulable": "the node is cordoned; uncordon it, or set AWS_MANAGE_ENIS_NON_SCHEDULABLE",
};

/** Why a pod got no address, as an operator reads it in the pod's events: what the node has, what is in the way, what to do. */
export function whyNoAddress(
  counts: { readonly held: number; readonly assigned: number; readonly cooling: number },
  plan: PoolPlan | undefined,
  fault: Fault | undefined,
): string {
  const obstacle = fault?.message ?? (plan?.kind === "idle" ? OBSTACLES[plan.why] : undefined) ?? "the pool is growing";
  return `${counts.held} held, ${counts.assigned} assigned, ${counts.cooling} cooling down; ${obstacle}`;
}
