import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { defaultRunDir, isAlive, labPaths, readRecord, startTicksOf, writeRecord } from "../../src/control/index.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-record-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a record survives a round trip, and a living process is told from a recycled pid", () => {
  const path = labPaths(folder).record;
  const own = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? "", name: "demo" };
  writeRecord(path, own);
  expect(readRecord(path)).toEqual(own);
  expect(isAlive(own)).toBe(true);
  expect(isAlive({ ...own, startTicks: "1" })).toBe(false);
});

test.each(["", "{", "[]", '{"pid":"1","startTicks":"2","name":"x"}'])("a damaged record %j is no record", (text) => {
  const path = join(folder, "damaged.json");
  writeFileSync(path, text);
  expect(readRecord(path)).toBeUndefined();
});

test("the run folder is root's own, the user's, or the one asked for", () => {
  expect(defaultRunDir({}, true)).toBe("/run/slash28");
  expect(defaultRunDir({ XDG_RUNTIME_DIR: "/run/user/7", USER: "ann" }, false)).toBe("/run/user/7/slash28-ann");
  expect(defaultRunDir({ SLASH28_RUN_DIR: "/x" }, true)).toBe("/x");
});
