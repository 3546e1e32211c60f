import { cidr4Of, type Cidr4 } from "@slash28/address";
import { AGENT_PACE, afterFault, afterSuccess, capacityRefusalOf, type BlockKind, type PoolPlan } from "@slash28/ipam";
import { FAULTS, type FaultCode, type FaultSpec } from "@slash28/ports";
import { addressesCame } from "./addresses-came.ts";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { callEc2 } from "./call-ec2.ts";
import { countRanges } from "./eni-accounts.ts";
import { handBack, releaseEni } from "./hand-back.ts";
import { attachEni } from "./new-eni.ts";
import type { FleetNode } from "./node.ts";
import { DONE, failed, type Outcome } from "./outcome.ts";
import { noteExhaustion, recordRefusal } from "./refusals.ts";

/** What follows a turn of the pool. */
export interface Turn {
  /** 0: plan again at once. */
  readonly nextInMs: number;
  /** A fault's own delay, kept whatever the demand. */
  readonly isFirm: boolean;
  /** EC2 has to be looked at before the next plan. */
  readonly isStale: boolean;
}

type Step = Exclude<PoolPlan, { kind: "idle" }>;

/** Carries a plan out and says when to plan again, as the agent's driver does. */
export function* carryOut(world: World, node: FleetNode, plan: Step): Steps<Turn> {
  const outcome = yield* stepsFor(world, node, plan);
  if (outcome.kind === "fault") return refused(node, outcome.fault);
  node.lastFault = undefined;
  addressesCame(world, node);
  return { nextInMs: outcome.kind === "done" ? 0 : AGENT_PACE.idleMs, isFirm: false, isStale: false };
}

function stepsFor(world: World, node: FleetNode, plan: Step): Steps<Outcome> {
  switch (plan.kind) {
    case "assign-addresses":
    case "assign-prefixes":
      return assign(world, node, plan);
    case "create-eni":
      return attachEni(world, node, plan.carry);
    case "unassign":
      return handBack(world, node, plan);
    case "release-eni":
      return releaseEni(world, node, plan.eni);
    default:
      return plan satisfies never;
  }
}

function* assign(world: World, node: FleetNode, plan: Extract<Step, { kind: "assign-addresses" | "assign-prefixes" }>): Steps<Outcome> {
  const { cloud } = world.network;
  const { eni, count } = plan;
  const isForPrefixes = plan.kind === "assign-prefixes";
  const of: BlockKind = isForPrefixes ? "prefix" : "address";
  const facts = node.ledger.eni(eni)?.facts;
  if (facts === undefined) return failed("ENI_GONE");
  const subnet = world.network.byId(facts.subnetId);
  const carry = isForPrefixes ? { prefixCount: count } : { addressCount: count };
  const answer = yield* callEc2(world, node, { action: "AssignPrivateIpAddresses", isForPrefixes }, (call) => {
    const result = cloud.assignAddresses({ eniId: eni, carry }, call);
    if (!result.ok) noteExhaustion(world, subnet, result.error);
    else countRanges(world, node, eni, rangesIn(result.value), 1);
    return result;
  });
  if (!answer.ok) {
    recordRefusal(world, node, answer.fault, { scope: facts.subnetId, of, asked: count });
    return failed(answer.fault);
  }
  for (const range of rangesIn(answer.value)) node.ledger.addBlock(eni, range, world.queue.now);
  node.capacity = afterSuccess(node.capacity, facts.subnetId, of);
  return DONE;
}

function rangesIn({
  addresses,
  prefixes,
}: {
  readonly addresses: readonly Cidr4["base"][];
  readonly prefixes: readonly Cidr4[];
}): readonly Cidr4[] {
  return [...addresses.map((address) => cidr4Of(address, 32)), ...prefixes];
}

/** Remembers the fault and says when to plan again. */
function refused(node: FleetNode, fault: FaultCode): Turn {
  const isAgain = node.lastFault === fault;
  node.lastFault = fault;
  const { retryAfterMs }: FaultSpec = FAULTS[fault];
  return { ...afterFault({ code: fault, retryAfterMs, isAgain }), isFirm: capacityRefusalOf(fault) === undefined };
}
