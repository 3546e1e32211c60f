import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketsOf, type RequestWeight } from "../src/index.ts";
import { fullBucket, refill, take } from "../src/throttle/token-bucket.ts";

const SIZE = { capacity: 10, refillPerSecond: 2 };

function aRequest(action: string, rest: Partial<RequestWeight> = {}): RequestWeight {
  return { action, mutates: false, unbounded: false, instances: 0, ...rest };
}

describe("a bucket", () => {
  test("fills in lumps, once for each whole second", () => {
    const empty = { tokens: 0, filledAtMs: 0 };
    expect(refill(empty, SIZE, 999)).toEqual(empty);
    expect(refill(empty, SIZE, 1999)).toEqual({ tokens: 2, filledAtMs: 1000 });
    expect(refill(empty, SIZE, 60_000).tokens).toBe(10);
  });

  test("gives all of the tokens asked for or none", () => {
    expect(take(fullBucket(SIZE, 0), SIZE, 11, 0)).toEqual({ granted: false, bucket: fullBucket(SIZE, 0) });
    expect(take(fullBucket(SIZE, 0), SIZE, 10, 0)).toEqual({ granted: true, bucket: { tokens: 0, filledAtMs: 0 } });
  });

  test("grants at most its capacity and what it was refilled, however requests come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 }), (gapsMs) => {
        let now = 0;
        let bucket = fullBucket(SIZE, now);
        let granted = 0;
        for (const gap of gapsMs) {
          now += gap;
          const result = take(bucket, SIZE, 1, now);
          bucket = result.bucket;
          if (result.granted) granted += 1;
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
        }
        expect(granted).toBeLessThanOrEqual(SIZE.capacity + Math.floor(now / 1000) * SIZE.refillPerSecond);
      }),
    );
  });
});

describe("the published sizes", () => {
  test.each([
    ["DescribeSubnets", {}, 100, 20],
    ["DescribeInstances", { unbounded: true }, 50, 10],
    ["DescribeInstances", {}, 100, 20],
    ["AttachNetworkInterface", { mutates: true }, 50, 5],
    ["AssignPrivateIpAddresses", { mutates: true }, 100, 5],
    ["CreateTags", { mutates: true }, 100, 10],
    ["CreateSubnetCidrReservation", { mutates: true }, 5, 1],
  ])("%s %j holds %i and gets %i a second", (action, rest, capacity, refillPerSecond) => {
    expect(bucketsOf(aRequest(action, rest)).map(({ size }) => size)).toEqual([{ capacity, refillPerSecond }]);
  });

  test("a launch draws from its request bucket and, for each instance, from another", () => {
    expect(bucketsOf(aRequest("RunInstances", { mutates: true, instances: 7 })).map(({ size, count }) => [size.capacity, count])).toEqual([
      [5, 1],
      [1000, 7],
    ]);
  });
});
