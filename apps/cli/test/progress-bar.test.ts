import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { runsProgress } from "../src/simulate/progress-bar.ts";

/** A terminal that remembers what it was sent. */
function aTerminal(): { readonly stream: NodeJS.WriteStream; readonly said: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  let said = "";
  stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, said: () => said };
}

const at = (hours: number) => ({
  nowMs: hours * 3_600_000,
  durationMs: 24 * 3_600_000,
  nodes: 5_000,
  podsRunning: 31_200,
  podsWaiting: 0,
  podsStarted: 40_000,
});

test("nothing is shown for a second; then how far the run is, until it is taken away", () => {
  const { stream, said } = aTerminal();
  let now = 0;
  const progress = runsProgress(1, stream, () => now);
  now = 999;
  progress.tell(0, at(1));
  expect(said()).toBe("");
  now = 1_000;
  progress.tell(0, at(6));
  expect(said()).toContain("25 %  6 h of 1 d, 5,000 nodes, 31,200 pods");
  // A quarter took a second.
  expect(said()).toContain("31,200 pods, about 3 s left");
  progress.end();
  // The cursor is shown again.
  expect(said()).toContain("\u001B[?25h");
});

test("what is left is not told while next to nothing is done", () => {
  const { stream, said } = aTerminal();
  let now = 0;
  const progress = runsProgress(1, stream, () => now);
  now = 60_000;
  progress.tell(0, at(0.1));
  progress.end();
  expect(said()).toContain("0 %  6 min of 1 d, 5,000 nodes, 31,200 pods");
  expect(said()).not.toContain("left");
});

test("several runs are one bar, which counts those that are done", () => {
  const { stream, said } = aTerminal();
  let now = 0;
  const progress = runsProgress(4, stream, () => now);
  progress.tell(0, at(24));
  now = 2_000;
  progress.tell(1, at(12));
  progress.end();
  expect(said()).toContain("37 %  1 of 4 runs");
});

test("where nobody watches, nothing is shown", () => {
  const progress = runsProgress(1, undefined, () => 5_000);
  progress.tell(0, at(6));
  progress.end();
});
