import { asId, cidr4Of, ipv4, offsetIpv4, type EniId, type SubnetId } from "@slash28/address";
import { Ledger, type SandboxKey } from "@slash28/ipam";
import { elapsedMs, type Bench } from "../bench.ts";
import { percentile } from "../figures/percentiles.ts";

const PODS = 110;
const ROUNDS = 200;
const ENIS = 8;
const PREFIXES_PER_ENI = 2;
const NOW = 1_700_000_000_000;

/** A node's pool: 110 sandboxes come, then go, again and again. */
export const ledger: Bench = {
  name: "ipam",
  about: "core/ipam: reserve and release on a node with 8 ENIs and 256 addresses",
  needs: "nothing",
  run({ say }) {
    say("reserving and releasing 110 addresses, 200 times");
    const pool = aPool();
    const keys = Array.from({ length: PODS }, (_, at): SandboxKey => ({
      networkName: "aws-cni",
      containerId: `sandbox-${at}`,
      ifName: "eth0",
    }));
    const reserving: number[] = [];
    const releasing: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      reserving.push(elapsedMs(() => reserveAll(pool, keys)));
      releasing.push(elapsedMs(() => keys.forEach((key) => pool.release(key, NOW))));
    }
    const note = `median of ${ROUNDS} rounds of ${PODS}`;
    return Promise.resolve([
      { name: "reserve", value: perCallUs(reserving), unit: "µs", note },
      { name: "release", value: perCallUs(releasing), unit: "µs", note },
    ]);
  },
};

function reserveAll(pool: Ledger, keys: readonly SandboxKey[]): void {
  for (const key of keys) if (pool.reserve(key, undefined, NOW).kind !== "reserved") throw new Error("the pool is too small");
}

function perCallUs(rounds: readonly number[]): number {
  return (percentile(rounds, 0.5) * 1_000) / PODS;
}

function aPool(): Ledger {
  // Without rest an address comes back at once, and the rounds are alike.
  const pool = new Ledger({ kind: "prefix", cooldownMs: 0 });
  for (let index = 0; index < ENIS; index++) {
    const id = asId<EniId>(`eni-${index}`);
    pool.addEni(
      {
        id,
        mac: `02:00:00:00:00:0${index}`,
        subnetId: asId<SubnetId>("subnet-1"),
        deviceIndex: index,
        networkCard: 0,
        primaryAddress: offsetIpv4(ipv4("10.0.0.4"), index),
        role: "interface",
        takesPods: true,
      },
      NOW,
    );
    for (let prefix = 0; prefix < PREFIXES_PER_ENI; prefix++) {
      const base = offsetIpv4(ipv4("10.0.16.0"), (index * PREFIXES_PER_ENI + prefix) * 16);
      pool.addBlock(id, cidr4Of(base, 28), NOW);
    }
  }
  return pool;
}
