import { expect, test } from "vitest";
import { soakKills } from "../src/index.ts";

/** A slice of `npm run soak-kills`: the same code, fewer kills. */
const KILLS = 40;

test("agents killed at any moment cost no connection, give no address to two pods, and leave nothing behind", async () => {
  const seed = Number(process.env["SLASH28_SEED"] ?? 1 + (Date.now() % 100_000));
  console.info(`npm run soak-kills -- --kills ${KILLS} --nodes 3 --seed ${seed}`);
  const never = new AbortController().signal;
  const quiet = { stop: never, leave: never, onStep: () => undefined, onProgress: () => undefined };
  const report = await soakKills({ kills: KILLS, nodes: 3, seed, ...quiet });
  expect(report).toMatchObject({ kills: KILLS, failed: 0, doubles: 0, leaks: 0, findings: [] });
  // It was no idle hour: pods came and went around the kills, and talked.
  expect(report.pods).toBeGreaterThan(KILLS);
  expect(report.connections).toBeGreaterThan(1_000);
  expect(report.during.podsStarting + report.during.podsEnding).toBeGreaterThan(0);
});
