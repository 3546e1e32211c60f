import { fc } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { decodeDemand, encodeDemand } from "../src/demand-codec.ts";
import { DemandMemory, type DemandForecast } from "../src/demand-memory.ts";
import { T0 } from "./a-node.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WRONG_FORM = "it lacks a field or has one of the wrong form";
const NODE = "i-0123456789abcdef0";

/** A node with bursts every half an hour, and single pods. */
function aMemory(until: number): DemandMemory {
  const memory = new DemandMemory();
  let pods = 0;
  for (let at = T0; at < until; at += 3 * MINUTE) {
    const size = (at - T0) % (30 * MINUTE) === 0 ? 5 : 1;
    for (let pod = 0; pod < size; pod++) memory.asked(`pod-${pods++}`, pods % 90 !== 0, pod + 1, at + pod);
  }
  return memory;
}

function recalled(text: string, now: number): DemandMemory {
  const decoded = decodeDemand(text, NODE, now);
  if (!decoded.ok) throw new Error(decoded.why);
  const memory = new DemandMemory();
  memory.recall(decoded.value, now);
  return memory;
}

/** Without what is reckoned by the last digits. */
function rounded({ waits, ...forecast }: DemandForecast): unknown {
  return { ...forecast, waits: { pods: waits.pods.toFixed(6), waited: waits.waited.toFixed(6), mayWait: waits.mayWait.toFixed(6) } };
}

test("whoever takes over knows what the one before knew", () => {
  const end = T0 + 10 * HOUR;
  const memory = aMemory(end);
  const after = recalled(encodeDemand(memory.seen(end), NODE, end), end);
  for (const now of [end, end + 29 * MINUTE, end + 45 * MINUTE])
    expect(rounded(after.forecast(3, now))).toEqual(rounded(memory.forecast(3, now)));
});

test("the time without an agent tells nothing, and does not count as learned", () => {
  const end = T0 + 30 * MINUTE;
  const text = encodeDemand(aMemory(end).seen(end), NODE, end);
  const after = recalled(text, end + 5 * HOUR);
  expect(after.forecast(1, end + 5 * HOUR + 44 * MINUTE).state).toBe("learning");
  expect(after.forecast(1, end + 5 * HOUR + 46 * MINUTE).state).toBe("known");
});

test("is some kilobytes, whatever the number of pods", () => {
  const end = T0 + 100 * HOUR;
  expect(encodeDemand(aMemory(end).seen(end), NODE, end).length).toBeLessThan(20_000);
});

describe("nothing is taken from a text", () => {
  const end = T0 + 5 * HOUR;
  const text = encodeDemand(aMemory(end).seen(end), NODE, end);
  const changed = (from: RegExp, to: string): string => text.replace(from, to);

  test.each([
    ["that is no JSON", text.slice(0, -7), "it is not a JSON object"],
    ["of another version", changed(/"v":1/, '"v":2'), "it has version 2, this program reads 1"],
    ["of another node", changed(/i-[0-9a-f]+/, "i-other"), `it is of "i-other", not of ${NODE}`],
    ["from the future", changed(/"at":\d+/, `"at":${end + 10 * HOUR}`), "it was written later than now"],
    ["of last week", changed(/"at":\d+/, `"at":${end - 60 * HOUR}`), "it is more than two days old"],
    ["without a field", changed(/"waits":/, '"waited":'), WRONG_FORM],
    ["with a situation that cannot be", changed(/"windows":\[\[\d+/, '"windows":[[19'), WRONG_FORM],
    ["with a weight below nothing", changed(/"windows":\[\[\d+,\d+,/, "$&-"), WRONG_FORM],
    ["with a burst to come", changed(/"bursts":\[\{"at":\d+/, `"bursts":[{"at":${end + 1}`), WRONG_FORM],
    ["with more that waited than came", changed(/"waited":[\d.]+/, '"waited":9e9'), WRONG_FORM],
  ])("%s", (_, damaged, why) => {
    expect(decodeDemand(damaged, NODE, end + HOUR)).toEqual({ ok: false, why });
  });

  test("that has any character changed, or something that can be used", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom("0", "9", "-", "e", "]", '"', ","), (at, character) => {
        const decoded = decodeDemand(text.slice(0, at) + character + text.slice(at + 1), NODE, end);
        if (!decoded.ok) return;
        const memory = new DemandMemory();
        memory.recall(decoded.value, end);
        const { enough, changesAt } = memory.forecast(3, end);
        expect(Number.isInteger(enough.assign) && enough.assign >= 0 && enough.assign <= 64).toBe(true);
        expect(changesAt).toBeGreaterThan(end);
      }),
    );
  });
});
