import { Fault } from "@slash28/ports";
import type { KubeObject } from "@slash28/ports";
import { createManualClock, createMemoryKube, settle } from "@slash28/testkit";
import type { MemoryKube } from "@slash28/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIRST_PHASE, nextPhase } from "../src/informer-phase.ts";
import { ObjectStore, RESOURCES, backOffMs, createInformer, objectKey } from "../src/index.ts";

const pod = (name: string, more: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", ...more },
});

function start(kube: MemoryKube, clock = createManualClock()) {
  const informer = createInformer(kube, RESOURCES.pods, {
    clock,
    random: () => 0,
    indexes: { app: (object) => [object.metadata.labels?.["app"] ?? ""] },
  });
  const changes: string[] = [];
  informer.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
  return { informer, changes, clock };
}

describe("an informer", () => {
  test("lists, then follows; a late listener is told of what is there", async () => {
    const clock = createManualClock();
    const kube = createMemoryKube({ clock });
    await kube.create(RESOURCES.pods, pod("a", { labels: { app: "web" } }));
    const { informer, changes } = start(kube, clock);
    await informer.synced;
    await kube.create(RESOURCES.pods, pod("b", { labels: { app: "web" } }));
    await kube.patch(RESOURCES.pods, "a", "default", { kind: "merge", body: { metadata: { labels: { app: "db" } } } });
    await kube.delete(RESOURCES.pods, "b", "default", { gracePeriodSeconds: 0 });
    await settle();
    expect(changes).toEqual(["added a", "added b", "updated a", "deleted b"]);
    expect(informer.byIndex("app", "db").map(objectKey)).toEqual(["default/a"]);
    expect(informer.byIndex("app", "web")).toEqual([]);
    const late: string[] = [];
    informer.onChange(({ type, object }) => late.push(`${type} ${object.metadata.name}`));
    expect(late).toEqual(["added a"]);
    await informer.stop();
  });

  test("tries for ever while the server is away, then goes on from where it was", async () => {
    const clock = createManualClock();
    const kube = createMemoryKube({ clock });
    kube.failWith(() => new Fault("KUBE_UNREACHABLE", { detail: "away" }));
    const { informer, changes } = start(kube, clock);
    await settle();
    await clock.advance(120_000);
    const tries = kube.calls.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(20);
    kube.failWith(undefined);
    await kube.create(RESOURCES.pods, pod("a"));
    await clock.advance(60_000);
    await informer.synced;
    expect(changes).toEqual(["added a"]);
    await informer.stop();
    expect(clock.sleepers).toBe(0);
  });

  test("lists again after 410, and tells of what was deleted and replaced meanwhile", async () => {
    const clock = createManualClock();
    const kube = createMemoryKube({ clock, historyMax: 2 });
    for (const name of ["a", "b"]) await kube.create(RESOURCES.pods, pod(name));
    const { informer, changes } = start(kube, clock);
    await informer.synced;
    kube.failWith((verb) => (verb === "watch" ? new Fault("KUBE_UNREACHABLE", { detail: "cut" }) : undefined));
    await kube.delete(RESOURCES.pods, "a", "default", { gracePeriodSeconds: 0 });
    await kube.delete(RESOURCES.pods, "b", "default", { gracePeriodSeconds: 0 });
    await kube.create(RESOURCES.pods, pod("b"));
    for (let i = 0; i < 5; i++) await kube.create(RESOURCES.pods, pod(`c${i}`));
    await settle();
    kube.failWith(undefined);
    await clock.advance(60_000);
    expect(kube.calls.filter((call) => call === "list pods")).toHaveLength(2);
    expect(changes.slice(2)).toEqual(["deleted a", "deleted b", "added b", "added c0", "added c1", "added c2", "added c3", "added c4"]);
    await informer.stop();
  });
});

test("what an object store tells adds up to what it holds", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), name: fc.nat(5), version: fc.nat(30) }),
    fc.record({ kind: fc.constant("remove" as const), name: fc.nat(5) }),
    fc.record({ kind: fc.constant("list" as const), names: fc.uniqueArray(fc.nat(5)), version: fc.nat(30) }),
  );
  const object = (name: number, version: number): KubeObject => pod(`p${name}`, { uid: `u${name}`, resourceVersion: String(version) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const store = new ObjectStore<KubeObject>({ all: () => ["x"] });
      const told = new Map<string, KubeObject>();
      for (const one of steps) {
        const changes =
          one.kind === "put"
            ? [store.put(object(one.name, one.version))]
            : one.kind === "remove"
              ? [store.remove(object(one.name, 0))]
              : store.replaceAll(one.names.map((name) => object(name, one.version)));
        for (const change of changes) {
          if (change === undefined) continue;
          const key = objectKey(change.object);
          expect(change.type === "added").toBe(!told.has(key));
          if (change.type === "deleted") told.delete(key);
          else told.set(key, change.object);
        }
      }
      expect(new Map(store.list().map((one) => [objectKey(one), one]))).toEqual(told);
      expect(store.byIndex("all", "x")).toHaveLength(store.size);
    }),
  );
});

test("back-off doubles up to its longest, and jitter stays in the upper half", () => {
  const backOff = { firstMs: 100, longestMs: 1_000 };
  expect([0, 1, 2, 3, 4, 5, 99].map((failures) => backOffMs(backOff, failures, 1))).toEqual([0, 100, 200, 400, 800, 1_000, 1_000]);
  expect(backOffMs(backOff, 3, 0)).toBe(200);
});

test.each([
  ["a list", { kind: "listed", resourceVersion: "5" }, { resourceVersion: "5", failures: 2 }],
  ["an event", { kind: "event", resourceVersion: "6" }, { resourceVersion: "6", failures: 0 }],
  ["a watch that ended after events", { kind: "closed", events: 3 }, { resourceVersion: "4", failures: 0 }],
  ["a watch that ended without a word", { kind: "closed", events: 0 }, { resourceVersion: "4", failures: 3 }],
  ["lost history", { kind: "gone" }, { resourceVersion: undefined, failures: 3 }],
  ["a failure", { kind: "failed" }, { resourceVersion: "4", failures: 3 }],
] as const)("after %s", (_, happening, expected) => {
  expect(nextPhase({ ...FIRST_PHASE, resourceVersion: "4", failures: 2 }, happening)).toEqual(expected);
});
