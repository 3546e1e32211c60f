import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { atOnce, type Bench } from "../src/bench.ts";
import { runBenches, type Current } from "../src/run-benches.ts";
import { Undo } from "../src/undo.ts";

let cache = "";
beforeEach(() => void (cache = mkdtempSync(join(tmpdir(), "slash28-bench-"))));
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const aBench = (name: string, run: Bench["run"]): Bench => ({ name, about: "", needs: "nothing", run });

test("a benchmark that breaks is told of, cleaned up after, and does not stop the next", async () => {
  const said: string[] = [];
  const folders: string[] = [];
  const breaks = aBench("breaks", ({ folder, undo }) => {
    folders.push(folder);
    writeFileSync(join(folder, "left"), "");
    undo.add("nothing much", () => said.push("undone"));
    return Promise.reject(new Error("no luck"));
  });
  const works = aBench("works", () => Promise.resolve([{ name: "speed", value: 1, unit: "/s" }]));
  const results = await runBenches([breaks, works], { say: (text) => void said.push(text), cache, program: "", dist: "" }, {});
  expect(results.map(({ outcome }) => outcome)).toEqual([
    { kind: "failed", why: "no luck" },
    { kind: "measured", figures: [{ name: "speed", value: 1, unit: "/s" }] },
  ]);
  expect(said).toEqual(["undone", "breaks failed: no luck"]);
  expect(folders.map((folder) => existsSync(folder))).toEqual([false]);
});

test("what was made is taken back last first, past a failure, and only once", async () => {
  const done: string[] = [];
  const undo = new Undo((text) => done.push(text));
  undo.add("the first", () => done.push("first"));
  undo.add("the second", () => Promise.reject(new Error("stuck")));
  undo.add("the third", () => done.push("third"));
  await undo.run();
  await undo.run();
  expect(done).toEqual(["third", "could not clean up the second: stuck", "first"]);
});

test("what is made after the end is taken back at once, and its maker is stopped", async () => {
  const done: string[] = [];
  const undo = new Undo((text) => done.push(text));
  await undo.run();
  expect(() => undo.add("a namespace", () => done.push("namespace"))).toThrow("interrupted: a namespace");
  expect(done).toEqual(["namespace"]);
});

test("after Ctrl-C no further benchmark starts", async () => {
  const current: Current = {};
  const stops = aBench("stops", () => {
    current.isStopped = true;
    return Promise.resolve([]);
  });
  const never = aBench("never", () => Promise.reject(new Error("it started")));
  const results = await runBenches([stops, never], { say: () => undefined, cache, program: "", dist: "" }, current);
  expect(results.map(({ bench }) => bench)).toEqual(["stops"]);
});

test("no more than the width are under way, and results keep their order", async () => {
  let underWay = 0;
  let most = 0;
  const results = await atOnce([5, 4, 3, 2, 1, 0], 3, async (turns) => {
    most = Math.max(most, ++underWay);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    underWay -= 1;
    return turns * 10;
  });
  expect(results).toEqual([50, 40, 30, 20, 10, 0]);
  expect(most).toBe(3);
});
