import { cidr4, ipv4, type Ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import type { FleetInput, FleetStart, StartNode } from "../src/index.ts";
import { beginWorld, Run } from "../src/run.ts";
import { aFleet, HOUR, MINUTE, podsAt } from "./a-fleet.ts";
import { nodesOf, wrongsOf } from "./check-world.ts";

const calm = { throttling: false, latency: "typical", eniQuota: 100_000 } as const;
const from = (first: string, count: number): readonly Ipv4[] => Array.from({ length: count }, (_, index) => (ipv4(first) + index) as Ipv4);

const node = (over: Partial<StartNode> = {}): StartNode => ({
  name: "ip-10-0-0-10",
  group: "general",
  zone: "us-east-1a",
  enis: [
    { subnet: "nodes-a", deviceIndex: 0, primaryAddress: ipv4("10.0.0.10"), addresses: from("10.0.0.16", 9), prefixes: [] },
    { subnet: "nodes-a", deviceIndex: 1, primaryAddress: ipv4("10.0.0.11"), addresses: from("10.0.0.32", 9), prefixes: [] },
  ],
  pods: [ipv4("10.0.0.16"), ipv4("10.0.0.40")],
  daemonPods: 1,
  waitingPods: 0,
  reservedEnis: 0,
  isCordoned: false,
  ...over,
});

function begun(initial: FleetStart, over: Partial<FleetInput> = {}): { readonly world: ReturnType<typeof beginWorld>; readonly run: Run } {
  const subnets = [{ name: "nodes-a", zone: "us-east-1a", cidr: cidr4("10.0.0.0/24"), isForNodes: true }];
  const world = beginWorld(aFleet({ subnets, ec2: calm, initial, ...over }));
  return { world, run: new Run(world) };
}

describe("a run that goes on from an observed fleet", () => {
  test("has its addresses, pods and neighbours from the first moment, and leaves at rest what is at its targets", () => {
    const others = [{ subnet: "nodes-a", addresses: from("10.0.0.100", 60), prefixes: [cidr4("10.0.0.208/28")] }];
    const { world, run } = begun({ nodes: [node()], others, pendingPods: 0 });
    expect(wrongsOf(world)).toEqual([]);
    run.advance(10 * MINUTE);
    const { summary, series, subnetMaps } = run.result();
    expect(series[0]?.subnets).toEqual([{ used: 2 + 18 + 60 + 16, held: 18, assigned: 2, cooling: 0 }]);
    expect(series.at(-1)?.subnets).toEqual(series[0]?.subnets);
    expect(subnetMaps[0]?.end).toBe("aaa...oOOO...O..");
    expect([summary.ec2Calls.total, summary.podsStarted, summary.nodes.launched, summary.subnets[0]?.otherTenants]).toEqual([0, 0, 0, 76]);
  });

  test("gives back what a new setting does not ask for", () => {
    const env = { WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "1" };
    const changes = [{ kind: "set-env" as const, atMs: MINUTE, env, maxUnavailable: 1 }];
    const { world, run } = begun({ nodes: [node()], others: [], pendingPods: 0 }, { changes, durationMs: HOUR });
    run.advance(HOUR);
    expect(run.result().series.at(-1)?.subnets).toEqual([{ used: 2 + 3, held: 3, assigned: 2, cooling: 0 }]);
    expect(wrongsOf(world)).toEqual([]);
  });

  test("serves the pods that were waiting as soon as a pool can grow, and those in line as soon as there is a node", () => {
    const { world, run } = begun({ nodes: [node({ pods: from("10.0.0.16", 9), waitingPods: 12 })], others: [], pendingPods: 20 });
    run.advance(10 * MINUTE);
    const { summary } = run.result();
    // 27 seats beside two pods of the host's network: 8 + 12 pods, and seven of those in line.
    expect([summary.podsRunning.peak, summary.podsNeverStarted]).toEqual([27, 14]);
    expect(wrongsOf(world)).toEqual([]);
  });

  test("with an EC2 that takes no time comes to the same: no ENI is left behind, and no node takes what another was observed with", () => {
    const instant = { throttling: false, latency: "none", eniQuota: 100_000 } as const;
    const env = { WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "1" };
    const changes = [{ kind: "set-env" as const, atMs: 2 * MINUTE, env, maxUnavailable: 1, restartMs: 0 }];
    const other = node({
      name: "ip-10-0-0-12",
      enis: [{ subnet: "nodes-a", deviceIndex: 0, primaryAddress: ipv4("10.0.0.12"), addresses: from("10.0.0.48", 9), prefixes: [] }],
      pods: from("10.0.0.48", 9),
    });
    // The first node asks for a pod more the moment it is there.
    const hungry = node({ pods: [...from("10.0.0.16", 9), ...from("10.0.0.32", 9)], waitingPods: 1 });
    const { world, run } = begun({ nodes: [hungry, other], others: [], pendingPods: 0 }, { changes, durationMs: HOUR, ec2: instant });
    run.advance(HOUR);
    expect(run.result().series.at(-1)?.subnets).toEqual([{ used: 3 + 1 + 20 + 10 + 1, held: 20 + 10, assigned: 19 + 9, cooling: 0 }]);
    expect(wrongsOf(world)).toEqual([]);
    const few = begun(
      { nodes: [node({ pods: [ipv4("10.0.0.16")] })], others: [], pendingPods: 0 },
      { changes, durationMs: HOUR, ec2: instant },
    );
    few.run.advance(HOUR);
    expect(few.run.result().series.at(-1)?.subnets).toEqual([{ used: 1 + 2, held: 2, assigned: 1, cooling: 0 }]);
  });

  test("may have more ENIs from a raised quota on", () => {
    const tight = { ...calm, eniQuota: 2 };
    const initial = {
      nodes: [node({ pods: [...from("10.0.0.16", 9), ...from("10.0.0.32", 9)], waitingPods: 3 })],
      others: [],
      pendingPods: 0,
    };
    const changes = [{ kind: "raise-eni-quota" as const, atMs: 5 * MINUTE, eniQuota: 10 }];
    const { world, run } = begun(initial, { ec2: tight, changes, durationMs: HOUR });
    run.advance(5 * MINUTE - 1);
    expect(run.moment().podsWaiting).toBe(3);
    run.advance(HOUR);
    expect(run.moment()).toMatchObject({ podsWaiting: 0, podsDelayedByAddresses: 3 });
    expect(wrongsOf(world)).toEqual([]);
  });

  test("takes prefixes beside single addresses, from a change of mode", () => {
    const enis: StartNode["enis"] = [
      {
        subnet: "nodes-a",
        deviceIndex: 0,
        primaryAddress: ipv4("10.0.0.10"),
        addresses: from("10.0.0.16", 2),
        prefixes: [cidr4("10.0.0.32/28")],
      },
    ];
    const env = { ENABLE_PREFIX_DELEGATION: "true", WARM_IP_TARGET: "1" };
    const { world, run } = begun(
      { nodes: [node({ enis, pods: [ipv4("10.0.0.16"), ipv4("10.0.0.33")] })], others: [], pendingPods: 0 },
      { env },
    );
    run.advance(10 * MINUTE);
    expect(nodesOf(world)[0]?.ledger.counts(run.nowMs)).toEqual({ held: 17, assigned: 2, cooling: 0, free: 15 });
    expect(wrongsOf(world)).toEqual([]);
  });

  test("keeps pods off a cordoned node, and adds nothing to it", () => {
    const { world, run } = begun({ nodes: [node({ isCordoned: true })], others: [], pendingPods: 1 });
    run.advance(10 * MINUTE);
    expect([run.result().summary.podsNeverStarted, world.figures.fleet.held.value]).toEqual([1, 18]);
  });

  test("goes on with work: pods come to the nodes that are there", () => {
    const { run } = begun({ nodes: [node()], others: [], pendingPods: 0 }, { workloads: [podsAt([MINUTE, 5])] });
    run.advance(10 * MINUTE);
    expect(run.result().summary).toMatchObject({ podsStarted: 5, podsDelayed: 0, podsRunning: { peak: 7 } });
  });

  test.each<[string, FleetStart, RegExp]>([
    [
      "a pod on an address of no ENI",
      { nodes: [node({ pods: [ipv4("10.0.0.200")] })], others: [], pendingPods: 0 },
      /ip-10-0-0-10.*10\.0\.0\.200/,
    ],
    [
      "two pods on one address",
      { nodes: [node({ pods: [ipv4("10.0.0.16"), ipv4("10.0.0.16")] })], others: [], pendingPods: 0 },
      /two pods have 10\.0\.0\.16/,
    ],
    [
      "an address that others have",
      { nodes: [node()], others: [{ subnet: "nodes-a", addresses: [ipv4("10.0.0.16")], prefixes: [] }], pendingPods: 0 },
      /ip-10-0-0-10/,
    ],
    ["a group that is not there", { nodes: [node({ group: "gpu" })], others: [], pendingPods: 0 }, /no node group gpu/],
  ])("refuses %s, and says which", (_, initial, message) => {
    expect(() => begun(initial)).toThrow(message);
  });
});
