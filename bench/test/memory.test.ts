import { expect, test } from "vitest";
import { isScript, residentMb, residentMbOf } from "../src/memory.ts";

test("resident memory is counted in 10⁶ bytes", () => {
  expect(residentMbOf("Name:\tnode\nVmRSS:\t   80000 kB\nThreads:\t7\n")).toBeCloseTo(81.92);
});

test("a process that ended has none", () => {
  expect(() => residentMbOf("Name:\tnode\nState:\tZ (zombie)\n")).toThrow("it has ended");
});

test("this process has some", () => {
  expect(residentMb(process.pid)).toBeGreaterThan(1);
});

test("Node running the script is told from what starts it", () => {
  const line = (...words: string[]): string => words.map((word) => `${word}\0`).join("");
  expect(isScript(line("/usr/bin/node", "--max-semi-space-size=1", "/opt/dist/agent.mjs"), "/agent.mjs")).toBe(true);
  expect(isScript(line("/opt/dist/native/slash28-run", "container", "--", "/usr/bin/node", "/opt/dist/agent.mjs"), "/agent.mjs")).toBe(
    false,
  );
  expect(isScript(line("node", "/opt/dist/lab.mjs", "/opt/dist/agent.mjs"), "/agent.mjs")).toBe(false);
  expect(isScript("", "/agent.mjs")).toBe(false);
});
