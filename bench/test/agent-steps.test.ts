import { expect, test } from "vitest";
import { meanStepMs, partsOf, readSteps } from "../src/cni/agent-steps.ts";

const TEXT = `# HELP slash28_cni_step_seconds Time of one step of an ADD in seconds
# TYPE slash28_cni_step_seconds histogram
slash28_cni_step_seconds_bucket{le="0.001",step="wire"} 3
slash28_cni_step_seconds_bucket{le="+Inf",step="wire"} 4
slash28_cni_step_seconds_sum{step="wire"} 0.0052
slash28_cni_step_seconds_count{step="wire"} 4
slash28_cni_step_seconds_sum{step="wire_and_journal"} 0.008
slash28_cni_step_seconds_count{step="wire_and_journal"} 4
`;

test("sums and counts come from the Prometheus text", () => {
  expect(readSteps(TEXT)).toEqual({ wire: { count: 4, seconds: 0.0052 }, wire_and_journal: { count: 4, seconds: 0.008 } });
});

test("a step not met yet counts nothing", () => {
  expect(readSteps("")).toEqual({ wire: { count: 0, seconds: 0 }, wire_and_journal: { count: 0, seconds: 0 } });
});

test("the mean of a step is that of the calls between two readings", () => {
  const before = readSteps(TEXT);
  const after = { ...before, wire: { count: 6, seconds: 0.0092 } };
  expect(meanStepMs(before, after, "wire")).toBeCloseTo(2);
  expect(() => meanStepMs(before, after, "wire_and_journal")).toThrow("did no wire_and_journal");
});

test("the parts of a call add up to it", () => {
  const parts = partsOf({ total: 4, bare: 0.8, asking: 1, wire: 1.2, wireAndJournal: 2 });
  expect(parts.map(({ name, ms }) => [name, Number(ms.toFixed(3))])).toEqual([
    ["starting the plugin", 0.8],
    ["IPC", 0.2],
    ["netlink", 1.2],
    ["journal", 0.8],
    ["the rest", 1],
  ]);
  expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100);
});

test("noise makes no part negative", () => {
  const parts = partsOf({ total: 2, bare: 1, asking: 0.9, wire: 1, wireAndJournal: 1.2 });
  expect(parts.find(({ name }) => name === "IPC")?.ms).toBe(0);
  expect(parts.find(({ name }) => name === "the rest")?.ms).toBe(0);
});
