import { asId, cidr4Of, ipv4, offsetIpv4, type EniId, type SubnetId } from "@slash28/address";
import { Ledger, planPool, type BlockKind, type NodeFacts, type PoolSettings, type SandboxKey } from "@slash28/ipam";
import { elapsedMs, type Bench } from "../bench.ts";
import { percentile } from "../figures/percentiles.ts";

/** The largest instances: 15 ENIs of 50 slots, one of them the primary address's. */
const ENIS = 15;
const SLOTS = 49;
const PODS = 250;
const ROUNDS = 400;
const NOW = 1_700_000_000_000;
const NODE: NodeFacts = { maxEnis: ENIS, ipv4PerEni: SLOTS + 1, maxPods: PODS, holdsPrefixes: true, reservedEnis: 0 };
const SETTINGS: PoolSettings = {
  warmPolicy: "static",
  warmEniTarget: 1,
  warmIpTarget: undefined,
  minimumIpTarget: undefined,
  warmPrefixTarget: 1,
  maxEni: undefined,
  prefixDelegation: true,
  customNetworking: false,
  cooldownMs: 0,
};
const PLAN_AIM = { most: 50 } as const;
const RATE_AIM = { least: 1_000_000 } as const;

/** The decisions on a full-size node: what to do next, and which address a pod gets. */
export const poolPlan: Bench = {
  name: "plan",
  about: "core/ipam: plan(), reserve and release on a node with 15 ENIs of 50 slots and 250 pods",
  needs: "nothing",
  run({ say }) {
    say("planning and reserving on 15 ENIs of 50 slots");
    const prefixes = aPool("prefix");
    const planning = Array.from({ length: ROUNDS }, () => planOnce(prefixes));
    const whole = Array.from({ length: ROUNDS }, () => elapsedMs(() => void planPool(aViewMadeAnew(prefixes), SETTINGS, NODE, NOW)));
    const note = `median of ${ROUNDS}; one pod came and one went since the last`;
    return Promise.resolve([
      { name: "plan(), prefixes", value: percentile(planning, 0.5) * 1_000, unit: "µs", aim: PLAN_AIM, note },
      {
        name: "plan(), prefixes, every ENI looked at anew",
        value: percentile(whole, 0.5) * 1_000,
        unit: "µs",
        note: "baseline: without the kept copies",
      },
      ...rates("prefixes", prefixes),
      ...rates("single addresses", aPool("address")),
    ]);
  },
};

function planOnce(pool: Ledger): number {
  pool.release(keyOf(0), NOW);
  pool.reserve(keyOf(0), undefined, NOW);
  return elapsedMs(() => void planPool(pool.view({}, NOW), SETTINGS, NODE, NOW));
}

/** A new fact of each ENI makes its copy void. */
function aViewMadeAnew(pool: Ledger): ReturnType<Ledger["view"]> {
  for (const { facts } of pool.enis()) pool.addEni(facts, NOW);
  return pool.view({}, NOW);
}

function rates(what: string, pool: Ledger): ReturnType<typeof rate>[] {
  const keys = Array.from({ length: PODS }, (_, n) => keyOf(n));
  const releasing: number[] = [];
  const reserving: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    releasing.push(elapsedMs(() => keys.forEach((key) => pool.release(key, NOW))));
    reserving.push(elapsedMs(() => keys.forEach((key) => pool.reserve(key, undefined, NOW))));
  }
  return [rate(`reserve, ${what}`, reserving), rate(`release, ${what}`, releasing)];
}

function rate(name: string, rounds: readonly number[]) {
  const value = (PODS * 1_000) / percentile(rounds, 0.5);
  return { name, value, unit: "/s" as const, aim: RATE_AIM, note: `median of ${ROUNDS} rounds of ${PODS} pods` };
}

function keyOf(n: number): SandboxKey {
  return { networkName: "aws-cni", containerId: `sandbox-${n}`, ifName: "eth0" };
}

function aPool(kind: BlockKind): Ledger {
  // Without rest an address comes back at once, and the rounds are alike.
  const pool = new Ledger({ kind, cooldownMs: 0 });
  const size = kind === "prefix" ? 16 : 1;
  for (let index = 0; index < ENIS; index++) {
    const id = asId<EniId>(`eni-${index}`);
    const subnetId = asId<SubnetId>("subnet-1");
    const primaryAddress = offsetIpv4(ipv4("10.0.0.4"), index);
    pool.addEni(
      {
        id,
        mac: `02:00:00:00:00:${index}`,
        subnetId,
        deviceIndex: index,
        networkCard: 0,
        primaryAddress,
        role: "interface",
        takesPods: true,
      },
      NOW,
    );
    for (let slot = 0; slot < SLOTS; slot++) {
      const base = offsetIpv4(ipv4("10.1.0.0"), (index * SLOTS + slot) * size);
      pool.addBlock(id, cidr4Of(base, kind === "prefix" ? 28 : 32), NOW);
    }
  }
  for (let n = 0; n < PODS; n++) pool.reserve(keyOf(n), undefined, NOW);
  return pool;
}
