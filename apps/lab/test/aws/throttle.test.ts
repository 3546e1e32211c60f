import type { RequestWeight } from "@slash28/vpc";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latencyMs, metadataLagMs, settleMs } from "../../src/aws/throttle/profile.ts";
import { seededRandom } from "../../src/aws/throttle/seeded-random.ts";
import { createThrottle } from "../../src/aws/throttle/throttle.ts";

function aRequest(action: string, rest: Partial<RequestWeight> = {}): RequestWeight {
  return { action, mutates: false, unbounded: false, instances: 0, ...rest };
}

describe("throttling", () => {
  test("the 101st description of a burst is refused, other actions are not, and time heals", () => {
    const throttle = createThrottle("realistic");
    const granted = Array.from({ length: 101 }, () => throttle.admits(aRequest("DescribeSubnets"), 5_000));
    expect(granted.indexOf(false)).toBe(100);
    expect(throttle.admits(aRequest("DescribeVpcs"), 5_000)).toBe(true);
    expect(throttle.admits(aRequest("DescribeSubnets"), 6_000)).toBe(true);
  });

  test("a launch refused for its instances has paid nothing", () => {
    const throttle = createThrottle("realistic");
    const launch = (instances: number): boolean => throttle.admits(aRequest("RunInstances", { mutates: true, instances }), 0);
    expect([launch(1001), launch(1001), launch(1001), launch(1001), launch(1001), launch(1000)]).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test("the instant profile has no buckets", () => {
    const throttle = createThrottle("instant");
    expect(Array.from({ length: 1000 }, () => throttle.admits(aRequest("DescribeSubnets"), 0)).every(Boolean)).toBe(true);
  });
});

describe("the profiles", () => {
  test("instant takes no time", () => {
    expect([
      latencyMs("instant", "AttachNetworkInterface", true, 0.9),
      settleMs("instant", "attaching", 0.9),
      metadataLagMs("instant"),
    ]).toEqual([0, 0, 0]);
  });

  test("realistic: an assign stays under a second, an attach takes seconds to settle", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const draw = seededRandom(seed)();
        expect(latencyMs("realistic", "AssignPrivateIpAddresses", true, draw)).toBeLessThan(1000);
        expect(latencyMs("realistic", "DescribeSubnets", false, draw)).toBeLessThanOrEqual(200);
        const attach = latencyMs("realistic", "AttachNetworkInterface", true, draw) + settleMs("realistic", "attaching", draw);
        expect(attach).toBeGreaterThanOrEqual(1500);
        expect(attach).toBeLessThanOrEqual(4000);
      }),
    );
  });

  test("the same seed gives the same draws", () => {
    const draws = (seed: number): readonly number[] => Array.from({ length: 5 }, seededRandom(seed));
    expect(draws(28)).toEqual(draws(28));
    expect(draws(28)).not.toEqual(draws(29));
  });
});
