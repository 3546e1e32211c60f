import { expect, test } from "vitest";
import { afterRefusal, afterSuccess, mostToAsk, NO_REFUSALS } from "../src/index.ts";
import { SUBNET, T0 } from "./a-node.ts";

const one = { scope: SUBNET, of: "address", why: "subnet-full", asked: 1 } as const;

test("nothing refused: ask for as much as you like", () => {
  expect(mostToAsk(NO_REFUSALS, SUBNET, "address", T0)).toBe(Number.POSITIVE_INFINITY);
});

test("a refused request is halved down to one, at once, then the pool backs off", () => {
  let capacity = NO_REFUSALS;
  const asks: number[] = [];
  for (let asked = 9; asks.length < 4; asked = mostToAsk(capacity, SUBNET, "address", T0)) {
    capacity = afterRefusal(capacity, { ...one, asked }, 0, T0);
    asks.push(mostToAsk(capacity, SUBNET, "address", T0));
  }
  expect(asks).toEqual([4, 2, 1, 0]);
  expect(mostToAsk(capacity, SUBNET, "address", T0 + 119_999)).toBe(0);
  expect(mostToAsk(capacity, SUBNET, "address", T0 + 120_000)).toBe(1);
});

test("with pods waiting the retries come sooner: 5 s doubling to 120 s", () => {
  let capacity = NO_REFUSALS;
  const pauses: number[] = [];
  let now = T0;
  for (let i = 0; i < 7; i++) {
    capacity = afterRefusal(capacity, one, 3, now);
    const until = capacity[0]?.until ?? now;
    pauses.push((until - now) / 1000);
    now = until;
  }
  expect(pauses).toEqual([5, 10, 20, 40, 80, 120, 120]);
});

test("success forgets the refusals of that scope alone", () => {
  const both = afterRefusal(afterRefusal(NO_REFUSALS, one, 0, T0), { ...one, scope: "new-eni" }, 0, T0);
  const left = afterSuccess(both, SUBNET, "address");
  expect([mostToAsk(left, SUBNET, "address", T0), mostToAsk(left, "new-eni", "address", T0)]).toEqual([Number.POSITIVE_INFINITY, 0]);
  expect(afterSuccess(left, SUBNET, "address")).toBe(left);
});

test("a subnet without a free /28 is asked for single addresses, and the other way round", () => {
  const fragmented = afterRefusal(NO_REFUSALS, { scope: SUBNET, of: "prefix", why: "subnet-fragmented", asked: 1 }, 0, T0);
  expect([mostToAsk(fragmented, SUBNET, "prefix", T0), mostToAsk(fragmented, SUBNET, "address", T0)]).toEqual([
    0,
    Number.POSITIVE_INFINITY,
  ]);
  const both = afterRefusal(fragmented, one, 0, T0);
  expect(afterSuccess(both, SUBNET, "address")).toEqual(fragmented);
  expect(afterSuccess(both, SUBNET, "prefix")).toEqual(NO_REFUSALS);
});
