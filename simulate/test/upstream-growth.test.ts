import { describe, expect, test } from "vitest";
import { playUpstream, type PlayOptions } from "../src/play/play.ts";

/** The reference's growth vectors: what a fresh node of upstream's holds at rest, as ENIs/addresses, by number of pods. */
interface Row extends PlayOptions {
  readonly name: string;
  readonly expected: Readonly<Record<number, string>>;
  /** Where the pods stop short, how many run. */
  readonly stuckAt?: Readonly<Record<number, number>>;
}

const SMALL = { instanceType: "t3.small", maxPods: 11 } as const;
const LARGE = { instanceType: "m5.large", maxPods: 29 } as const;
const PREFIXES = { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" } as const;

const ROWS: readonly Row[] = [
  { ...SMALL, name: "3×3 WARM_ENI=1", env: {}, expected: { 0: "1/3", 1: "2/6", 5: "3/9", 9: "3/9" } },
  {
    ...SMALL,
    name: "3×3 W=1 M=1",
    env: { WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "1" },
    expected: { 0: "1/1", 1: "1/2", 5: "2/6", 9: "3/9" },
  },
  {
    ...SMALL,
    name: "3×3 W=2 M=5",
    env: { WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "5" },
    expected: { 0: "2/5", 1: "2/5", 5: "3/7", 9: "3/9" },
  },
  { ...LARGE, name: "3×9 WARM_ENI=1", env: {}, expected: { 0: "1/9", 1: "2/18", 9: "2/18", 10: "3/27", 29: "3/27" }, stuckAt: { 29: 27 } },
  {
    ...LARGE,
    name: "3×9 WARM_ENI=0",
    env: { WARM_ENI_TARGET: "0" },
    expected: { 0: "1/9", 5: "1/9", 9: "2/18", 17: "2/18", 29: "3/27" },
    stuckAt: { 29: 27 },
  },
  {
    ...LARGE,
    name: "3×9 W=5 M=10",
    env: { WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "10" },
    expected: { 0: "2/10", 5: "2/10", 9: "2/14", 10: "2/15", 17: "3/22", 29: "3/27" },
    stuckAt: { 29: 27 },
  },
  {
    ...LARGE,
    name: "3×9 W=0 M=10",
    env: { MINIMUM_IP_TARGET: "10" },
    expected: { 0: "2/10", 10: "2/10", 17: "2/10", 29: "2/10" },
    stuckAt: { 17: 10, 29: 10 },
  },
  {
    ...LARGE,
    name: "3×9 PD WARM_PREFIX=1",
    maxPods: 110,
    env: PREFIXES,
    expected: { 0: "1/16", 1: "1/32", 10: "1/32", 17: "1/48", 29: "1/48" },
  },
  { ...LARGE, name: "3×9 PD WARM_PREFIX=1, maxPods 29", env: PREFIXES, expected: { 0: "1/16", 1: "1/32", 17: "1/32", 29: "1/32" } },
  {
    ...LARGE,
    name: "3×9 PD W=5",
    maxPods: 110,
    env: { ...PREFIXES, WARM_IP_TARGET: "5" },
    expected: { 0: "1/16", 10: "1/16", 17: "1/32", 29: "1/48" },
  },
  {
    ...LARGE,
    name: "3×9 PD W=5 M=20",
    maxPods: 110,
    env: { ...PREFIXES, WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "20" },
    expected: { 0: "1/32", 10: "1/32", 17: "1/32", 29: "1/48" },
  },
  {
    ...LARGE,
    name: "3×9 custom networking WARM_ENI=1",
    maxPods: 20,
    env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" },
    secondSubnetLength: 24,
    expected: { 0: "2/9", 1: "3/18", 5: "3/18", 17: "3/18" },
  },
  {
    name: "15×49 W=5 M=10",
    instanceType: "m5.16xlarge",
    maxPods: 737,
    env: { WARM_IP_TARGET: "5", MINIMUM_IP_TARGET: "10" },
    expected: { 0: "1/10", 5: "1/10", 9: "1/14", 10: "1/15", 17: "1/22", 29: "1/34" },
  },
];

describe.each(ROWS)("the model of upstream's rules: $name", ({ expected, stuckAt, name: _name, ...options }) => {
  test.each(Object.entries(expected))("%s pods: %s", async (podCount, held) => {
    const play = await playUpstream(options);
    play.want(...Array.from({ length: Number(podCount) }, (_, index) => `pod-${index}`));
    await play.pass(90_000);
    expect(`${play.world.side.ownEnis().length}/${play.network.held}`).toBe(held);
    expect(play.atEc2).toBe(play.network.held);
    expect(play.running).toHaveLength(stuckAt?.[Number(podCount)] ?? Number(podCount));
  });
});
