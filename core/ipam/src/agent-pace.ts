import type { PoolPlan } from "./pool-plan.ts";

/** When the agent looks and asks again, in milliseconds. One place for the agent and for whoever plays it: a simulated fleet keeps the same times. */
export const AGENT_PACE = {
  /** Pods come and go in bursts: a turn looks at the pool once for many of them. */
  settleMs: 100,
  /** A look at the node and its VPC; as often as the VPC CNI looks for new VPC ranges and security groups. */
  observeEveryMs: 30_000,
  /** How often an idle pool is looked at without demand. */
  idleMs: 5_000,
  /** After a fault that does not say itself when to come again. */
  retryMs: 5_000,
  /** After a look at EC2 that did not help: until the next regular one. */
  outdatedRetryMs: 30_000,
  /** A list of subnets this young serves for another ENI: a pool that grows, or is refused, must not ask anew for each try. */
  youngSubnetsMs: 30_000,
  /** How often a pool without room looks for other subnets: while pods wait, and while only warm addresses are missing. */
  otherSubnetsMs: { waiting: 60_000, warm: 5 * 60_000 },
  /** How often a new ENI's link is looked for. */
  linkPollMs: 50,
  /** Unattached ENIs of the node are swept this often, and up to this much later: nodes that started together must not ask together. */
  sweepEveryMs: 3_600_000,
  sweepSpreadMs: 300_000,
  /** A younger unattached ENI may be on its way to its instance. */
  leakedAfterMs: 300_000,
} as const;

/** Whether a plan found every subnet that is known full or fragmented: then no ENI is asked for, and only a look at EC2 shows others. */
export function isWithoutRoom(plan: PoolPlan | undefined): boolean {
  return plan?.kind === "idle" && (plan.why === "subnet-full" || plan.why === "subnet-fragmented");
}

/** Whether a pool without room should look for other subnets again. */
export function isTimeForOtherSubnets(listedAt: number, hasWaiting: boolean, now: number): boolean {
  const { waiting, warm } = AGENT_PACE.otherSubnetsMs;
  return now - listedAt >= (hasWaiting ? waiting : warm);
}
