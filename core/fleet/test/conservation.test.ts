import { cidr4 } from "@slash28/address";
import { fc, test as property } from "@fast-check/vitest";
import { expect } from "vitest";
import type { FleetChange, FleetInput, RecordedWorkload } from "../src/index.ts";
import { beginWorld, Run } from "../src/run.ts";
import { aFleet, MINUTE, podsAt } from "./a-fleet.ts";
import { wrongsOf } from "./check-world.ts";

const DURATION = 60 * MINUTE;

const envs = fc.record(
  {
    ENABLE_PREFIX_DELEGATION: fc.constantFrom("true", "false"),
    WARM_IP_TARGET: fc.constantFrom("0", "1", "3"),
    MINIMUM_IP_TARGET: fc.constantFrom("0", "4"),
    WARM_PREFIX_TARGET: fc.constantFrom("0", "1", "2"),
    IP_COOLDOWN_PERIOD: fc.constantFrom("0", "30", "120"),
    AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: fc.constantFrom("true", "false"),
    ENABLE_POD_ENI: fc.constantFrom("true", "false"),
  },
  { requiredKeys: [] },
);
const atMs = fc.nat(DURATION);

const changes: fc.Arbitrary<FleetChange> = fc.oneof(
  fc.record({ kind: fc.constant("set-env" as const), atMs, env: envs, maxUnavailable: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    kind: fc.constant("replace-nodes" as const),
    atMs,
    group: fc.constantFrom("small", "scaled"),
    instanceType: fc.constantFrom("m5.large", "c5.xlarge"),
    nodes: fc.integer({ min: 1, max: 5 }),
    maxUnavailable: fc.integer({ min: 1, max: 2 }),
    launchFirst: fc.boolean(),
    nodeReadyAfterMs: fc.constant(30_000),
  }),
  fc.record({
    kind: fc.constant("scale-group" as const),
    atMs,
    group: fc.constant("small"),
    nodes: fc.nat(6),
    nodeReadyAfterMs: fc.constant(20_000),
  }),
  fc.record({
    kind: fc.constant("add-subnet" as const),
    atMs,
    subnet: fc.constant({
      name: "more",
      zone: "us-east-1b",
      cidr: cidr4("10.0.3.0/24"),
      isForNodes: false,
      tags: { "kubernetes.io/role/cni": "1" },
    }),
  }),
);

/** A small fleet that has all that can be: two groups, an autoscaler, tight subnets with tenants, and somebody who changes things. */
const fleets: fc.Arbitrary<FleetInput> = fc
  .record({
    env: envs,
    env2: fc.array(changes, { maxLength: 3 }),
    tenants: fc.nat(80),
    placement: fc.constantFrom("scattered" as const, "packed" as const),
    pods: fc.array(fc.tuple(atMs, fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 8 }),
    ends: fc.array(fc.tuple(atMs, fc.integer({ min: 1, max: 30 })), { maxLength: 6 }),
    isolated: fc.array(
      fc.tuple(
        atMs,
        fc.integer({ min: -8, max: 12 }).filter((pods) => pods !== 0),
      ),
      { maxLength: 6 },
    ),
    throttling: fc.boolean(),
    latency: fc.constantFrom("typical" as const, "none" as const),
    eniQuota: fc.constantFrom(14, 1_000),
    daemonPods: fc.nat(2),
    seed: fc.nat(1_000),
    ipFamily: fc.constantFrom("ipv4" as const, "ipv4" as const, "ipv6" as const),
  })
  .map(({ ipFamily, isolated, env, env2, tenants, placement, pods, ends, throttling, latency, eniQuota, daemonPods, seed }) => {
    const adds = env2.findIndex(({ kind }) => kind === "add-subnet");
    return aFleet({
      ipFamily,
      subnets: [
        { name: "a", zone: "us-east-1a", cidr: cidr4("10.0.0.0/25"), isForNodes: true, otherTenants: { addresses: tenants, placement } },
        { name: "b", zone: "us-east-1b", cidr: cidr4("10.0.1.0/25"), isForNodes: true },
        { name: "pods", zone: "us-east-1a", cidr: cidr4("10.0.2.0/25"), isForNodes: false },
      ],
      nodeGroups: [
        { name: "small", instanceType: "m5.large", nodes: 3 },
        {
          name: "scaled",
          instanceType: "t3.small",
          nodes: 1,
          scaling: { min: 1, max: 6, scaleOutAfterMs: 10_000, nodeReadyAfterMs: 40_000, scaleInAfterMs: 300_000 },
        },
      ],
      env,
      eniConfigs: { "us-east-1a": "pods", "us-east-1b": "b" },
      daemonPods,
      workloads: [podsAt(...withEnds(pods, ends)), isolatedPods(isolated)],
      changes: env2.filter(({ kind }, index) => kind !== "add-subnet" || index === adds),
      ec2: { throttling, latency, eniQuota },
      durationMs: DURATION,
      seed,
    });
  });

/** Pods with security groups of their own. */
function isolatedPods(changes: readonly (readonly [number, number])[]): RecordedWorkload {
  const starts = changes.filter(([, pods]) => pods > 0);
  const ends = changes.filter(([, pods]) => pods < 0).map(([at, pods]) => [at, -pods] as const);
  return { ...podsAt(...withEnds(starts, ends)), name: "isolated", isIsolated: true };
}

/** In order of time, and never more ends than starts before them. */
function withEnds(
  starts: readonly (readonly [number, number])[],
  ends: readonly (readonly [number, number])[],
): (readonly [number, number])[] {
  const all = [...starts, ...ends.map(([at, pods]) => [at, -pods] as const)].sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let alive = 0;
  return all.map(([at, pods]) => {
    const change = Math.max(pods, -alive);
    alive += change;
    return [at, change] as const;
  });
}

property.prop([fleets, fc.array(fc.integer({ min: 127_003, max: 10 * MINUTE }), { minLength: 1, maxLength: 30 })], { numRuns: 20 })(
  "at any time every address has one owner, no pod is lost, and what is counted is what there is",
  (input, slices) => {
    const world = beginWorld(input);
    const run = new Run(world);
    for (let at = 0, step = 0; !run.isOver; step++) {
      at += slices[step % slices.length] ?? MINUTE;
      run.advance(at);
      expect(wrongsOf(world)).toEqual([]);
      const wanted = input.workloads.flatMap((workload) => (workload.kind === "recorded" ? workload.changes : []));
      const alive = wanted.reduce((sum, { atMs: when, pods }) => (when <= run.nowMs ? sum + pods : sum), 0);
      const daemons = [...world.groups.values()].flatMap((group) => [...group.nodes]).reduce((sum, node) => sum + node.daemonPods, 0);
      const waiting = world.figures.podsWaiting + world.scheduler.pendingCount;
      expect(world.figures.podsRunning.value + waiting).toBe(alive + daemons);
    }
  },
  60_000,
);

property.prop([fleets, fc.array(fc.integer({ min: 127_003, max: 10 * MINUTE }), { minLength: 1, maxLength: 30 })], { numRuns: 10 })(
  "the same input gives the same bytes, however the run is cut into steps and looked at",
  (input, slices) => {
    const whole = new Run(beginWorld(input));
    whole.advance(DURATION);
    const sliced = new Run(beginWorld(input));
    for (let at = 0, step = 0; !sliced.isOver; step++) {
      at += slices[step % slices.length] ?? MINUTE;
      sliced.advance(at);
      sliced.progress();
      sliced.result();
    }
    expect(JSON.stringify(sliced.result())).toBe(JSON.stringify(whole.result()));
  },
  60_000,
);
