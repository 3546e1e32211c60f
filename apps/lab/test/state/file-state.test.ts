import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStore, type KubeObject, type Store } from "@slash28/kube-store";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keptObjects, openFileState, type KeptLog, type StateStore } from "../../src/state/index.ts";

let folder: string;
let open: StateStore[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "s28-state-"));
  open = [];
});
afterEach(() => {
  for (const state of open) state.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A lab's view of the folder; one that is not closed was killed. */
function start(): StateStore {
  const state = openFileState(folder);
  open.push(state);
  return state;
}

test("what was kept is there for the next lab, also when this one is killed", () => {
  const first = start();
  first.document("identities").keep({ roles: ["a"] });
  first.document("identities").keep({ roles: ["a", "b"] });
  const log = first.log<number>("cloud");
  log.append(1);
  log.append(2);
  first.markComplete();
  const second = start();
  expect(second.isRestored).toBe(true);
  expect(second.document("identities").saved).toEqual({ roles: ["a", "b"] });
  expect(second.log("cloud").saved).toEqual([1, 2]);
  expect(second.document("other").saved).toBeUndefined();
});

test("a lab that was killed while it was first made counts for nothing", () => {
  const first = start();
  first.document("identities").keep({ roles: ["a"] });
  first.log("cloud").append(1);
  const second = start();
  expect(second.isRestored).toBe(false);
  expect(second.document("identities").saved).toBeUndefined();
  expect(second.log("cloud").saved).toEqual([]);
  second.markComplete();
  expect(start().log("cloud").saved).toEqual([]);
});

test("cut off anywhere, a log has every whole record and goes on from there", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), fc.nat(), (records, cut) => {
      const state = openFileState(folder);
      state.markComplete();
      const log = state.log("cloud");
      log.rewrite([]);
      for (const record of records) log.append(record);
      state.close();
      const path = join(folder, "cloud.jsonl");
      const whole = readFileSync(path);
      const kept = cut % (whole.length + 1);
      truncateSync(path, kept);
      const after = openFileState(folder);
      const again = after.log("cloud");
      const lines = whole.subarray(0, kept).toString("latin1").split("\n").length - 1;
      expect(again.saved).toEqual(records.slice(0, lines).map((record) => JSON.parse(JSON.stringify(record)) as unknown));
      again.append("next");
      after.close();
      const last = openFileState(folder);
      expect(last.log("cloud").saved).toHaveLength(lines + 1);
      last.close();
    }),
    { numRuns: 100 },
  );
});

test("damage in the middle is told by file and line, not passed over", () => {
  const first = start();
  first.log("cloud").append(1);
  first.markComplete();
  first.close();
  open = [];
  appendFileSync(join(folder, "cloud.jsonl"), 'not json\n{"a":1}\n');
  expect(() => start().log("cloud")).toThrow(/cloud\.jsonl, line 2, is not a record/);
});

test("a document that is not JSON is told by name", () => {
  start().markComplete();
  writeFileSync(join(folder, "identities.json"), "{");
  expect(() => start().document("identities")).toThrow(/identities\.json is not JSON/);
});

test("names stay in the folder", () => {
  expect(() => start().document("../outside")).toThrow("is not a name");
});

/** A log in memory that counts how often it was written anew. */
function memoryLog(): { log: () => KeptLog<never>; records: () => readonly unknown[]; rewrites: () => number } {
  let records: unknown[] = [];
  let rewrites = 0;
  const log = (): KeptLog<never> => ({
    saved: structuredClone(records) as never[],
    append: (record) => void records.push(structuredClone(record)),
    rewrite: (all) => {
      records = structuredClone([...all]);
      rewrites++;
    },
  });
  return { log, records: () => records, rewrites: () => rewrites };
}

const configMap = (name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});

const contents = (store: Store): string => JSON.stringify([store.version, store.list("configmaps")]);

test("a store goes on from the log of the one before it, whatever was written", () => {
  const arbWrite = fc.record({ name: fc.constantFrom("a", "b", "c"), does: fc.constantFrom("put", "remove"), value: fc.string() });
  fc.assert(
    fc.property(fc.array(fc.array(arbWrite, { maxLength: 12 }), { maxLength: 4 }), (labs) => {
      const memory = memoryLog();
      let before: string | undefined;
      for (const writes of labs) {
        const kept = keptObjects(memory.log());
        const store = createStore({ saved: kept.saved });
        if (before !== undefined) expect(contents(store)).toBe(before);
        store.onWrite((write) => kept.onWrite(write));
        for (const { name, does, value } of writes) {
          const known = store.get("configmaps", { name, namespace: "default" });
          if (does === "remove") store.remove("configmaps", { name, namespace: "default" });
          else if (known === undefined) store.create("configmaps", configMap(name, { value }));
          else store.replace("configmaps", { ...known, data: { value } });
        }
        before = contents(store);
      }
    }),
    { numRuns: 60 },
  );
});

test("a long log is written anew now and then, and stays in proportion to the objects", () => {
  const memory = memoryLog();
  const kept = keptObjects(memory.log());
  const store = createStore({ saved: kept.saved });
  store.onWrite((write) => kept.onWrite(write));
  let object = store.create("configmaps", configMap("busy", { value: "0" }));
  for (let round = 1; round <= 50_000 && object.ok; round++)
    object = store.replace("configmaps", { ...object.value, data: { value: String(round) } });
  expect(memory.rewrites()).toBe(2);
  expect(memory.records().length).toBeLessThan(20_001);
  expect(keptObjects(memory.log()).saved).toEqual(store.save());
});
