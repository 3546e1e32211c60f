import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCluster } from "@slash28/cluster-file";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand, type Outcome } from "./run-command.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "s28-cli-state-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const up = (state: string, ...more: string[]): Promise<Outcome> =>
  runCommand(["lab", "up", "--detach", "--data-plane", "simulated", "--state", state, ...more]);

function keep(lab: string): void {
  writeFileSync(join(folder, "lab.json"), lab);
  writeFileSync(join(folder, "complete"), "{}");
}

const kept = JSON.stringify({ file: defaultCluster(), seed: 28, ec2Profile: "instant", dataPlane: "simulated" });

test("a folder that cannot be one is refused before anything is started", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const onFile = await up(file);
  expect([onFile.code, onFile.err]).toEqual([
    1,
    expect.stringMatching(/cannot be kept in .*file \(ENOTDIR\): give a folder that can be written to/),
  ]);
  const noParent = await up(join(folder, "missing", "lab"));
  expect([noParent.code, noParent.err]).toEqual([1, expect.stringContaining("(ENOENT)")]);
});

test("a folder with other things in it is left alone", async () => {
  mkdirSync(join(folder, "nodes"));
  const { code, err } = await up(folder);
  expect([code, err]).toEqual([1, expect.stringContaining("holds other things than a lab (nodes); give an empty folder")]);
  expect(existsSync(join(folder, "nodes"))).toBe(true);
});

test("a folder that another process uses is refused", async () => {
  // This process stands for the other lab's supervisor.
  const ticks = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ")[19];
  writeFileSync(join(folder, "running.json"), JSON.stringify({ pid: process.pid, startTicks: ticks, name: "other" }));
  const { code, err } = await up(folder);
  expect([code, err]).toEqual([1, expect.stringContaining(`in use by the lab other (process ${process.pid})`)]);
});

test.each([
  ["{", "is not JSON. Put back a copy of the folder"],
  ["{}", "does not describe a lab"],
  [JSON.stringify({ file: 1, seed: 28, ec2Profile: "instant", dataPlane: "simulated" }), "is of another version of slash28"],
])("a kept lab that reads %s is told, with what to do", async (lab, words) => {
  keep(lab);
  const { code, err } = await up(folder);
  expect([code, err]).toEqual([1, expect.stringContaining(words)]);
});

test("a kept lab goes on as it was made: other options are wrong usage", async () => {
  keep(kept);
  mkdirSync(join(folder, "nodes"));
  const seed = await up(folder, "--seed", "7");
  expect([seed.code, seed.err]).toEqual([2, expect.stringContaining("was made with --seed 28, and goes on with it")]);
  const profile = await up(folder, "--ec2-profile", "realistic");
  expect([profile.code, profile.err]).toEqual([2, expect.stringContaining("was made with --ec2-profile instant")]);
  const nodes = await up(folder, "--nodes", "5");
  expect([nodes.code, nodes.err]).toEqual([2, expect.stringContaining("has its nodes")]);
  const file = join(folder, "other.json");
  writeFileSync(file, JSON.stringify({ ...defaultCluster(), name: "other" }));
  const other = await up(folder, "--file", file);
  expect([other.code, other.err]).toEqual([2, expect.stringContaining("was made from another cluster file")]);
});
