import { cidr4Of, formatCidr4, type Cidr4, type EniId, type SubnetId } from "@slash28/address";
import { AGENT_PACE, afterFault, afterSuccess, planPool, type BlockKind, type PoolPlan } from "@slash28/ipam";
import { Fault } from "@slash28/ports";
import { factsOf } from "../node.ts";
import { actionOf, countFailure, whileInProgress } from "../report/pool-counters.ts";
import { attachEni, kindOf, renewPlaces } from "./attach-eni.ts";
import { recordRefusal } from "./capacity-record.ts";
import { giveBack, mayLose, releaseEni } from "./give-back.ts";
import type { PoolAgent } from "./pool-agent.ts";

/** What one turn planned, and when the next is due. */
export interface Turn {
  readonly plan: PoolPlan;
  readonly nextInMs: number;
  /** What stopped the plan. */
  readonly fault?: Fault;
  /** The node has to be looked at again before the next plan. */
  readonly isStale: boolean;
  /** Pods wait and an ENI of somebody else is in the way: the next turn looks whether it still is. */
  readonly isCrowded?: boolean;
}

/** One pass: plan from what is known, act through EC2, record. No policy here: `planPool` has it. */
export async function turnPool(agent: PoolAgent): Promise<Turn> {
  const { node, sandboxes, ports } = agent;
  await renewPlaces(agent);
  const now = ports.clock.now();
  const view = node.ledger.view({ waiting: sandboxes.waiters.count, capacity: node.capacity, frozen: node.frozen }, now);
  const plan = planPool(view, node.settings.pool, factsOf(node), now);
  node.lastPlan = plan;
  if (plan.kind === "idle") {
    // The planner knows now what EC2 refused then, and who is in the way.
    if (plan.why === "instance-full" && node.lastFault?.code === "INSTANCE_ENI_LIMIT") node.lastFault = undefined;
    const recheckInMs = plan.recheckAt === undefined ? AGENT_PACE.idleMs : Math.max(0, plan.recheckAt - now);
    const isCrowded = plan.why === "instance-full" && sandboxes.waiters.count > 0 && node.unmanaged.size > 0;
    return { plan, nextInMs: Math.min(AGENT_PACE.idleMs, recheckInMs), isStale: false, isCrowded };
  }
  try {
    const isDone = await whileInProgress(ports.metrics, actionOf(plan.kind), () => act(agent, plan));
    node.lastFault = undefined;
    // Pods that wait would ask for another turn at once, and for another.
    if (isDone) sandboxes.waiters.ring();
    return { plan, nextInMs: isDone ? 0 : AGENT_PACE.idleMs, isStale: false };
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    return refused(agent, plan, cause);
  }
}

/** Carries a plan out; `false` when there was nothing to do after all. */
async function act(agent: PoolAgent, plan: Exclude<PoolPlan, { kind: "idle" }>): Promise<boolean> {
  const { node, ports } = agent;
  switch (plan.kind) {
    case "assign-addresses": {
      if (await mayLose(agent, plan.eni)) return false;
      const got = await ports.ec2.assignAddresses(plan.eni, plan.count);
      return took(
        agent,
        plan,
        got.map((address) => cidr4Of(address, 32)),
      );
    }
    case "assign-prefixes":
      if (await mayLose(agent, plan.eni)) return false;
      return took(agent, plan, await ports.ec2.assignPrefixes(plan.eni, plan.count));
    case "create-eni": {
      const eni = await attachEni(agent, plan.carry);
      const of = kindOf(plan.carry);
      node.capacity = afterSuccess(afterSuccess(node.capacity, "new-eni", of), subnetOf(agent, eni), of);
      return true;
    }
    case "unassign":
      ports.log.info("handing back to EC2", {
        eni: plan.eni,
        addresses: plan.addresses.length,
        prefixes: plan.prefixes.length,
        why: plan.why,
      });
      return giveBack(agent, plan.eni, plan);
    case "release-eni":
      return releaseEni(agent, plan.eni);
    default:
      return plan satisfies never;
  }
}

type Assign = Extract<PoolPlan, { kind: "assign-addresses" | "assign-prefixes" }>;

function took({ node, ports }: PoolAgent, plan: Assign, got: readonly Cidr4[]): boolean {
  for (const cidr of got) {
    // Somebody had taken it away; now EC2 has given it back.
    if (!node.ledger.addBlock(plan.eni, cidr, ports.clock.now())) node.ledger.markLost(plan.eni, cidr, false);
  }
  const subnetId = node.ledger.eni(plan.eni)?.facts.subnetId;
  if (subnetId !== undefined) node.capacity = afterSuccess(node.capacity, subnetId, askedOf(plan));
  ports.log.info("assigned to ENI", { eni: plan.eni, blocks: got.map(formatCidr4).join(","), why: plan.why });
  return got.length > 0;
}

/** Remembers what EC2 refused, tells it, and says when to plan again. */
function refused(agent: PoolAgent, plan: Exclude<PoolPlan, { kind: "idle" }>, cause: Fault): Turn {
  const { node, sandboxes, ports } = agent;
  const assign = plan.kind === "assign-addresses" || plan.kind === "assign-prefixes" ? plan : undefined;
  const scope = assign === undefined ? undefined : subnetOf(agent, assign.eni);
  // EC2 was asked about an ENI, and its refusal need not name it; the operator must hear of that and of its subnet.
  const fault = assign === undefined ? cause : new Fault(cause.code, { eni: assign.eni, ...cause.fields, subnet: scope }, { cause });
  const isAgain = node.lastFault?.code === fault.code;
  node.lastFault = fault;
  countFailure(ports.metrics, plan.kind, fault);
  ports.log.warn("the pool could not be changed", { plan: plan.kind, fault: fault.code, why: fault.message });
  // A bad create already recorded each subnet it tried.
  if (scope !== undefined && assign !== undefined) {
    const refused = { scope, of: askedOf(assign), asked: assign.count };
    recordRefusal(node, fault, refused, { waiting: sandboxes.waiters.count, now: ports.clock.now() });
  }
  return { plan, fault, ...afterFault({ code: fault.code, retryAfterMs: fault.retryAfterMs, isAgain }) };
}

function askedOf(plan: Assign): BlockKind {
  return plan.kind === "assign-prefixes" ? "prefix" : "address";
}

function subnetOf({ node }: PoolAgent, eni: EniId): SubnetId {
  return node.ledger.eni(eni)?.facts.subnetId ?? node.identity.subnetId;
}
