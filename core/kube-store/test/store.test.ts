import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createStore, type KubeObject, type ObjectEvent, type Store, type Watch } from "../src/index.ts";
import { configMap, refusal, valueOf } from "./config-map.ts";

const MAPS = "configmaps";

function shown(events: readonly ObjectEvent[]): string[] {
  return events.map(({ type, object }) => `${type} ${object.metadata.name}`);
}

describe("versions", () => {
  test("every write gives the next resource version, over all resources", () => {
    const store = createStore();
    const first = valueOf(store.create(MAPS, configMap("a")));
    const second = valueOf(store.create("secrets", configMap("a")));
    expect([first.metadata.resourceVersion, second.metadata.resourceVersion, store.version]).toEqual(["1", "2", 2]);
  });

  test("a name is taken once in each namespace", () => {
    const store = createStore();
    valueOf(store.create(MAPS, configMap("a")));
    expect(refusal(store.create(MAPS, configMap("a")))).toBe(409);
    expect(store.create(MAPS, configMap("a", { namespace: "other" })).ok).toBe(true);
  });

  test("an update from an old read is refused and changes nothing", () => {
    const store = createStore();
    const read = valueOf(store.create(MAPS, configMap("a")));
    const mine = { ...read, data: { by: "me" } };
    const theirs = valueOf(store.replace(MAPS, { ...read, data: { by: "them" } }));
    const refused = store.replace(MAPS, mine);
    expect(refused.ok ? undefined : refused.failure).toMatchObject({ code: 409, reason: "Conflict" });
    expect(store.get(MAPS, { name: "a", namespace: "default" })).toBe(theirs);
  });

  test("writing what is there already makes no version and no event", () => {
    const store = createStore();
    const read = valueOf(store.create(MAPS, configMap("a", {}, { k: "v" })));
    const watch = valueOf(store.watch(MAPS, { after: store.version }));
    expect(valueOf(store.replace(MAPS, { ...read, data: { k: "v" } }))).toBe(read);
    expect(valueOf(watch.read())).toEqual([]);
  });

  test("what is handed out is frozen, and what was handed in stays the caller's", () => {
    const store = createStore();
    const data = { k: "v" };
    const stored = valueOf(store.create(MAPS, configMap("a", {}, data)));
    data.k = "changed";
    expect(stored["data"]).toEqual({ k: "v" });
    expect(() => Object.assign(stored.metadata, { name: "b" })).toThrow(TypeError);
  });

  test("lists come sorted by namespace and name", () => {
    const store = createStore();
    for (const [name, namespace] of [
      ["b", "x"],
      ["a", "x"],
      ["c", "a"],
    ] as const)
      valueOf(store.create(MAPS, configMap(name, { namespace })));
    expect(store.list(MAPS).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(["a/c", "x/a", "x/b"]);
    expect(store.list(MAPS, "x").map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
  });
});

describe("watches", () => {
  test("without a version a watch starts with what is there", () => {
    const store = createStore();
    valueOf(store.create(MAPS, configMap("a")));
    const watch = valueOf(store.watch(MAPS, {}));
    valueOf(store.create(MAPS, configMap("b")));
    expect(shown(valueOf(watch.read()))).toEqual(["ADDED a", "ADDED b"]);
    expect(valueOf(watch.read())).toEqual([]);
  });

  test("an object that starts or stops matching appears or goes", () => {
    const store = createStore();
    const watch = valueOf(store.watch(MAPS, { matches: (object) => object.metadata.labels?.["seen"] === "yes" }));
    const plain = valueOf(store.create(MAPS, configMap("a")));
    const seen = valueOf(store.replace(MAPS, { ...plain, metadata: { ...plain.metadata, labels: { seen: "yes" } } }));
    const changed = valueOf(store.replace(MAPS, { ...seen, data: { k: "v" } }));
    valueOf(store.replace(MAPS, { ...changed, metadata: { ...changed.metadata, labels: {} } }));
    expect(shown(valueOf(watch.read()))).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
  });

  test("a removal carries its own version", () => {
    const store = createStore();
    valueOf(store.create(MAPS, configMap("a")));
    const watch = valueOf(store.watch(MAPS, { after: 1 }));
    valueOf(store.remove(MAPS, { name: "a", namespace: "default" }));
    expect(valueOf(watch.read())[0]?.object.metadata.resourceVersion).toBe("2");
    expect(watch.version).toBe(2);
  });

  test("history that was thrown away, and versions of the future, are gone", () => {
    const store = createStore({ historyMax: 2 });
    const slow = valueOf(store.watch(MAPS, { after: 0 }));
    for (let i = 0; i < 5; i++) valueOf(store.create(MAPS, configMap(`a${i}`)));
    expect(refusal(store.watch(MAPS, { after: 1 }))).toBe(410);
    expect(refusal(store.watch(MAPS, { after: 99 }))).toBe(410);
    expect(refusal(slow.read())).toBe(410);
    expect(shown(valueOf(valueOf(store.watch(MAPS, { after: 3 })).read()))).toEqual(["ADDED a3", "ADDED a4"]);
  });

  test("wakes readers within the write until they stop", () => {
    const store = createStore();
    const watch = valueOf(store.watch(MAPS, {}));
    let woken = 0;
    const stop = watch.onChange(() => woken++);
    valueOf(store.create(MAPS, configMap("a")));
    stop();
    valueOf(store.create(MAPS, configMap("b")));
    expect(woken).toBe(1);
  });
});

type Act = { readonly kind: "create" | "change" | "label" | "remove" | "read"; readonly name: string; readonly namespace: string };

const act = fc.record({
  kind: fc.constantFrom("create", "change", "label", "remove", "read") satisfies fc.Arbitrary<Act["kind"]>,
  name: fc.constantFrom("a", "b", "c", "d"),
  namespace: fc.constantFrom("x", "y"),
});

function carryOut(store: Store, { kind, name, namespace }: Act, step: number): void {
  const found = store.get(MAPS, { name, namespace });
  if (kind === "create") store.create(MAPS, configMap(name, { namespace, labels: { odd: String(step % 2) } }));
  else if (kind === "remove") store.remove(MAPS, { name, namespace });
  else if (kind === "change" && found !== undefined) store.replace(MAPS, { ...found, data: { step: String(step) } });
  else if (kind === "label" && found !== undefined)
    store.replace(MAPS, { ...found, metadata: { ...found.metadata, labels: { odd: String(step % 2) } } });
}

/** What a client knows that starts from a list and follows a watch. */
function follow(world: Map<string, KubeObject>, watch: Watch): void {
  for (const { type, object } of valueOf(watch.read())) {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    if (type === "ADDED") expect(world.has(key)).toBe(false);
    if (type !== "ADDED") expect(world.has(key)).toBe(true);
    if (type === "DELETED") world.delete(key);
    else world.set(key, object);
  }
}

const isOdd = (object: KubeObject): boolean => object.metadata.labels?.["odd"] === "1";

describe("laws", () => {
  test("a list and the watch from its version give the same world as listing again, for every view", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.nat(60), (acts, start) => {
        const store = createStore();
        const views: { readonly world: Map<string, KubeObject>; readonly watch: Watch; readonly list: () => readonly KubeObject[] }[] = [];
        acts.forEach((one, step) => {
          if (step === start % Math.max(1, acts.length)) {
            for (const { namespace, matches } of [
              {},
              { namespace: "x" },
              { matches: isOdd },
              { namespace: "y", matches: isOdd },
            ] as const) {
              const list = (): readonly KubeObject[] => store.list(MAPS, namespace).filter(matches ?? (() => true));
              const world = new Map(list().map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]));
              views.push({ world, watch: valueOf(store.watch(MAPS, { after: store.version, namespace, matches })), list });
            }
          }
          carryOut(store, one, step);
          if (one.kind === "read") for (const { world, watch } of views) follow(world, watch);
        });
        for (const { world, watch, list } of views) {
          follow(world, watch);
          expect([...world.values()].toSorted(byKey)).toEqual(list());
        }
      }),
    );
  });

  test("interleaved writers that retry conflicts lose no update", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 80 }), (turns) => {
        const store = createStore();
        valueOf(store.create(MAPS, configMap("counter", {}, { n: "0" })));
        const held = new Map<number, KubeObject>();
        let added = 0;
        for (const writer of turns) {
          const read = held.get(writer);
          if (read === undefined) {
            const found = store.get(MAPS, { name: "counter", namespace: "default" });
            if (found !== undefined) held.set(writer, found);
            continue;
          }
          held.delete(writer);
          const n = Number((read["data"] as { n: string }).n);
          if (store.replace(MAPS, { ...read, data: { n: String(n + 1) } }).ok) added++;
        }
        expect(store.get(MAPS, { name: "counter", namespace: "default" })?.["data"]).toEqual({ n: String(added) });
      }),
    );
  });
});

function byKey(left: KubeObject, right: KubeObject): number {
  const key = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;
  return key(left) < key(right) ? -1 : 1;
}

describe("a store that goes on from another", () => {
  test("has its objects and versions, and tells watchers from before to list again", () => {
    const first = createStore();
    valueOf(first.create(MAPS, configMap("a")));
    valueOf(first.create(MAPS, configMap("b")));
    valueOf(first.remove(MAPS, { name: "a", namespace: "default" }));
    const next = createStore({ saved: JSON.parse(JSON.stringify(first.save())) as ReturnType<Store["save"]> });
    expect(next.version).toBe(3);
    expect(next.list(MAPS)).toEqual(first.list(MAPS));
    expect(valueOf(next.create(MAPS, configMap("c"))).metadata.resourceVersion).toBe("4");
    expect(refusal(next.watch(MAPS, { after: 2 }))).toBe(410);
    expect(shown(valueOf(valueOf(next.watch(MAPS, { after: 3 })).read()))).toEqual(["ADDED c"]);
  });

  test("can be kept write by write", () => {
    const store = createStore();
    const kept = new Map<string, KubeObject>();
    const versions: number[] = [];
    store.onWrite(({ version, before, after }) => {
      versions.push(version);
      if (after === undefined) kept.delete(before?.metadata.name ?? "");
      else kept.set(after.metadata.name, after);
    });
    const a = valueOf(store.create(MAPS, configMap("a")));
    valueOf(store.create(MAPS, configMap("b")));
    valueOf(store.replace(MAPS, { ...a, data: { k: "v" } }));
    valueOf(store.remove(MAPS, { name: "b", namespace: "default" }));
    expect(versions).toEqual([1, 2, 3, 4]);
    expect([...kept.values()]).toEqual(store.list(MAPS));
  });
});

describe("an earlier state of a list", () => {
  test("is what the list was, as long as the changes since are known", () => {
    const change = fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      namespace: fc.constantFrom("n1", "n2"),
      kind: fc.constantFrom("put", "remove"),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const store = createStore({ historyMax: 8 });
        const states = new Map<number, readonly KubeObject[]>([[0, []]]);
        for (const { name, namespace, kind } of changes) {
          const there = store.get(MAPS, { name, namespace });
          if (kind === "remove") store.remove(MAPS, { name, namespace });
          else if (there === undefined) store.create(MAPS, configMap(name, { namespace }));
          else store.replace(MAPS, { ...there, data: { turn: String(store.version) } });
          states.set(store.version, store.list(MAPS));
        }
        for (const [version, state] of states) {
          const found = store.listAt(MAPS, version);
          if (found.ok) expect(found.value).toEqual(state);
          else expect([found.failure.code, store.version - version > 8]).toEqual([410, true]);
          const inOne = store.listAt(MAPS, version, "n1");
          if (inOne.ok) expect(inOne.value).toEqual(state.filter(({ metadata }) => metadata.namespace === "n1"));
        }
      }),
    );
  });
});
