import { asId, cidr4Of, ipv4FromNumber, type EniId, type SubnetId } from "@slash28/address";
import { blockKindOf, Ledger, planPool, type LedgerEni, type NodeFacts, type PoolPlan, type PoolSettings } from "@slash28/ipam";

/** What a node's pool comes to when nothing changes any more. */
export interface SettledPool {
  /** Addresses for pods, those that pods have among them. */
  readonly held: number;
  readonly enis: number;
  /** Pods that cannot get an address. */
  readonly withoutAddress: number;
}

const SUBNET = asId<SubnetId>("subnet-any");
/** More steps than the largest type has slots. */
const STEPS_MAX = 2_000;

/** Lets the agent's own planner fill an empty node that runs so many pods, with EC2 giving whatever it asks for. */
export function settledPool(node: NodeFacts, settings: PoolSettings, pods: number): SettledPool {
  const ledger = new Ledger({ kind: blockKindOf(settings, node), cooldownMs: 0 });
  const cloud = { nextBase: 0, nextEni: 0 };
  addEni(ledger, cloud, !settings.customNetworking);
  let waiting = pods;
  for (let step = 0; step < STEPS_MAX; step++) {
    while (waiting > 0 && reserve(ledger, waiting)) waiting--;
    const plan = planPool(ledger.view({ waiting }, 0), settings, node, 0);
    if (!carryOut(plan, ledger, cloud)) break;
  }
  return { held: ledger.counts(0).held, enis: ledger.enis().length, withoutAddress: waiting };
}

interface Cloud {
  nextBase: number;
  nextEni: number;
}

function reserve(ledger: Ledger, pod: number): boolean {
  return ledger.reserve({ networkName: "aws-cni", containerId: String(pod), ifName: "eth0" }, undefined, 0).kind === "reserved";
}

/** Does what a plan asks for, growth only: an empty node has no surplus. `false`: there is nothing to do. */
function carryOut(plan: PoolPlan, ledger: Ledger, cloud: Cloud): boolean {
  if (plan.kind === "assign-addresses") fill(ledger, cloud, plan.eni, plan.count, 1);
  else if (plan.kind === "assign-prefixes") fill(ledger, cloud, plan.eni, plan.count, 16);
  else if (plan.kind === "create-eni")
    fill(ledger, cloud, addEni(ledger, cloud, true), plan.carry.count, plan.carry.kind === "prefixes" ? 16 : 1);
  else return false;
  return true;
}

function fill(ledger: Ledger, cloud: Cloud, eni: EniId, count: number, size: number): void {
  for (let i = 0; i < count; i++) {
    cloud.nextBase = Math.ceil(cloud.nextBase / size) * size;
    ledger.addBlock(eni, cidr4Of(ipv4FromNumber(cloud.nextBase), size === 16 ? 28 : 32), 0);
    cloud.nextBase += size;
  }
}

function addEni(ledger: Ledger, cloud: Cloud, takesPods: boolean): EniId {
  const deviceIndex = cloud.nextEni++;
  const id = asId<EniId>(`eni-${deviceIndex}`);
  const facts: LedgerEni = {
    id,
    mac: "",
    subnetId: SUBNET,
    deviceIndex,
    networkCard: 0,
    primaryAddress: ipv4FromNumber(cloud.nextBase++),
    role: "interface",
    takesPods,
  };
  ledger.addEni(facts, 0);
  return id;
}
