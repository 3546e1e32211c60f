import { spawnSync } from "node:child_process";

import { expect, test } from "vitest";

import { HEAP_FLAGS } from "../src/index.ts";

/** Grows the young generation as far as it may, and tells how far that is, in bytes. */
const GROW = `
  const { getHeapSpaceStatistics } = require("node:v8");
  let kept = [];
  let largest = 0;
  for (let turn = 0; turn < 1_000_000; turn++) {
    kept.push({ turn, list: [turn] });
    if (kept.length > 100_000) kept = [];
    if (turn % 10_000 === 0) largest = Math.max(largest, getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size);
  }
  process.stdout.write(String(largest));
`;

test("Node takes the supervisor's heap flags, and keeps to them", () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...HEAP_FLAGS, "-e", GROW], { encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  // Two halves of what the flag gives.
  expect(Number(stdout)).toBeLessThanOrEqual(2 * 8 * 1024 * 1024);
});
