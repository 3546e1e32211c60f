import { asId, cidr4, cidr4Of, ipv4, offsetIpv4, type Cidr4, type EniId, type SubnetId } from "@slash28/address";
import {
  Ledger,
  planPool,
  type LedgerEni,
  type NodeFacts,
  type PoolPlan,
  type PoolSettings,
  type SandboxKey,
  type ViewOutside,
} from "../src/index.ts";

export const T0 = 1_700_000_000_000;
export const SUBNET = asId<SubnetId>("subnet-1");

export function settings(over: Partial<PoolSettings> = {}): PoolSettings {
  return {
    warmPolicy: "static",
    warmEniTarget: 1,
    warmIpTarget: undefined,
    minimumIpTarget: undefined,
    warmPrefixTarget: 0,
    maxEni: undefined,
    prefixDelegation: false,
    customNetworking: false,
    cooldownMs: 30_000,
    ...over,
  };
}

/** A node with room for `enis` ENIs of `usable` slots beside the primary address. */
export function node(enis: number, usable: number, maxPods: number): NodeFacts {
  return { maxEnis: enis, ipv4PerEni: usable + 1, maxPods, holdsPrefixes: true, reservedEnis: 0 };
}

export function key(n: number | string): SandboxKey {
  return { networkName: "aws-cni", containerId: `sandbox-${n}`, ifName: "eth0" };
}

export function eniId(index: number): EniId {
  return asId<EniId>(`eni-${index}`);
}

export function anEni(index: number, over: Partial<LedgerEni> = {}): LedgerEni {
  return {
    id: eniId(index),
    mac: `02:00:00:00:00:0${index}`,
    subnetId: SUBNET,
    deviceIndex: index,
    networkCard: 0,
    primaryAddress: offsetIpv4(ipv4("10.0.0.4"), index),
    role: "interface",
    takesPods: true,
    ...over,
  };
}

/** A ledger of one primary ENI with these ranges on it. */
export function aLedger(kind: "address" | "prefix", ranges: readonly string[] = [], cooldownMs = 30_000): Ledger {
  const ledger = new Ledger({ kind, cooldownMs });
  ledger.addEni(anEni(0), T0);
  for (const range of ranges) ledger.addBlock(eniId(0), cidr4(range), T0);
  return ledger;
}

/** EC2 that always gives: carries plans out on a ledger. */
export class GenerousEc2 {
  #nextAddress = ipv4("10.0.1.0");
  #nextPrefix = ipv4("10.0.64.0");
  readonly #ledger: Ledger;
  readonly #customNetworking: boolean;

  constructor(ledger: Ledger, customNetworking = false) {
    this.#ledger = ledger;
    this.#customNetworking = customNetworking;
    if (ledger.enis().length === 0) ledger.addEni(anEni(0, { takesPods: !customNetworking }), T0);
  }

  carryOut(plan: PoolPlan, now: number): void {
    switch (plan.kind) {
      case "idle":
        return;
      case "assign-addresses":
        return this.#add(plan.eni, this.#addresses(plan.count), now);
      case "assign-prefixes":
        return this.#add(plan.eni, this.#prefixes(plan.count), now);
      case "create-eni": {
        const index = Math.max(...this.#ledger.enis().map((eni) => eni.facts.deviceIndex)) + 1;
        this.#ledger.addEni(anEni(index, { takesPods: index > 0 || !this.#customNetworking }), now);
        const { kind, count } = plan.carry;
        return this.#add(eniId(index), kind === "prefixes" ? this.#prefixes(count) : this.#addresses(count), now);
      }
      case "unassign": {
        const cidrs = [...plan.addresses.map((address) => cidr4Of(address, 32)), ...plan.prefixes];
        const withdrawn = this.#ledger.withdraw(plan.eni, cidrs, now);
        if (withdrawn.length !== cidrs.length) throw new Error("planned to unassign what is in use");
        for (const cidr of withdrawn) this.#ledger.dropBlock(plan.eni, cidr, now);
        return;
      }
      case "release-eni":
        if (!this.#ledger.withdrawEni(plan.eni, now)) throw new Error("planned to release an ENI in use");
        this.#ledger.dropEni(plan.eni, now);
        return;
      default:
        plan satisfies never;
    }
  }

  #add(eni: EniId, cidrs: readonly Cidr4[], now: number): void {
    for (const cidr of cidrs) if (!this.#ledger.addBlock(eni, cidr, now)) throw new Error("added a known block");
  }

  #addresses(count: number): Cidr4[] {
    return Array.from({ length: count }, () => cidr4Of((this.#nextAddress = offsetIpv4(this.#nextAddress, 1)), 32));
  }

  #prefixes(count: number): Cidr4[] {
    return Array.from({ length: count }, () => cidr4Of((this.#nextPrefix = offsetIpv4(this.#nextPrefix, 16)), 28));
  }
}

export interface Settled {
  readonly steps: readonly PoolPlan[];
  readonly last: PoolPlan;
  /** Sandboxes that got no address. */
  readonly waiting: readonly SandboxKey[];
}

/** Serves waiting sandboxes, plans, carries out, until the plan is idle; gives up loudly after too many steps. */
export function settlePool(
  ledger: Ledger,
  ec2: GenerousEc2,
  pool: {
    readonly settings: PoolSettings;
    readonly node: NodeFacts;
    readonly now: number;
    readonly waiting?: readonly SandboxKey[];
    readonly outside?: ViewOutside;
  },
): Settled {
  const steps: PoolPlan[] = [];
  let waiting = [...(pool.waiting ?? [])];
  for (let i = 0; i < 200; i++) {
    waiting = waiting.filter((one) => ledger.reserve(one, undefined, pool.now).kind !== "reserved");
    const plan = planPool(ledger.view({ ...pool.outside, waiting: waiting.length }, pool.now), pool.settings, pool.node, pool.now);
    if (plan.kind === "idle") return { steps, last: plan, waiting };
    steps.push(plan);
    ec2.carryOut(plan, pool.now);
  }
  throw new Error(`no rest after ${steps.length} steps; the last: ${JSON.stringify(steps.at(-1))}`);
}

export function pods(count: number): SandboxKey[] {
  return Array.from({ length: count }, (_, index) => key(index));
}
