import { describe, expect, test } from "vitest";

import { born, decideDeletion, isReadyToGo, updated, type DeletionRequest, type KubeObject } from "../src/index.ts";
import { configMap } from "./config-map.ts";

const NOW = Date.UTC(2030, 0, 1);
const timeText = (ms: number): string => new Date(ms).toISOString();

function decide(object: KubeObject, request: Partial<DeletionRequest> = {}): ReturnType<typeof decideDeletion> {
  return decideDeletion(object, { now: NOW, timeText, ...request });
}

function aPod(more: { readonly nodeName?: string; readonly phase?: string; readonly metadata?: object } = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default", generation: 1, ...more.metadata },
    spec: { nodeName: more.nodeName ?? "n1", terminationGracePeriodSeconds: 20 },
    status: { phase: more.phase ?? "Running" },
  };
}

describe("deleting", () => {
  test("a plain object goes at once", () => {
    expect(decide(configMap("a"))).toEqual({ kind: "remove" });
  });

  test("a finalizer keeps it, marked", () => {
    const decision = decide(configMap("a", { finalizers: ["x/y"] }));
    expect(decision).toMatchObject({
      kind: "mark",
      object: { metadata: { deletionTimestamp: timeText(NOW), deletionGracePeriodSeconds: 0 } },
    });
    if (decision.kind !== "mark") return;
    expect(decide(decision.object)).toEqual({ kind: "already-marked" });
    expect(isReadyToGo(decision.object)).toBe(false);
    expect(isReadyToGo({ ...decision.object, metadata: { ...decision.object.metadata, finalizers: [] } })).toBe(true);
  });

  test.each([
    ["Foreground", "foregroundDeletion"],
    ["Orphan", "orphan"],
  ] as const)("%s leaves the work to the garbage collector", (propagation, finalizer) => {
    expect(decide(configMap("a"), { propagation })).toMatchObject({ kind: "mark", object: { metadata: { finalizers: [finalizer] } } });
  });

  test("a running pod waits for its node, for its own grace period or the one asked for", () => {
    expect(decide(aPod())).toMatchObject({
      kind: "mark",
      object: { metadata: { deletionTimestamp: timeText(NOW + 20_000), deletionGracePeriodSeconds: 20, generation: 2 } },
    });
    expect(decide(aPod(), { gracePeriodSeconds: 5 })).toMatchObject({ object: { metadata: { deletionGracePeriodSeconds: 5 } } });
    expect(decide(aPod(), { gracePeriodSeconds: 0 })).toEqual({ kind: "remove" });
  });

  test("a pod that no node runs, or that is done, goes at once", () => {
    expect(decide(aPod({ nodeName: "" }))).toEqual({ kind: "remove" });
    expect(decide(aPod({ phase: "Succeeded" }))).toEqual({ kind: "remove" });
  });

  test("a second delete may shorten the wait and never lengthen it", () => {
    const marked = aPod({ metadata: { deletionTimestamp: timeText(NOW + 20_000), deletionGracePeriodSeconds: 20 } });
    expect(decide(marked, { gracePeriodSeconds: 60 })).toEqual({ kind: "already-marked" });
    expect(decide(marked)).toEqual({ kind: "already-marked" });
    expect(decide(marked, { gracePeriodSeconds: 2 })).toMatchObject({ object: { metadata: { deletionGracePeriodSeconds: 2 } } });
  });
});

describe("birth and change", () => {
  const stored = born(configMap("a", { resourceVersion: "7", uid: "mine", deletionTimestamp: "x" }, { k: "v" }), {
    uid: "u",
    now: "t",
    name: "a",
    namespace: "default",
    hasGeneration: true,
  });

  test("the server gives the identity and takes away what clients may not set", () => {
    expect(stored.metadata).toEqual({ name: "a", namespace: "default", uid: "u", creationTimestamp: "t", generation: 1 });
  });

  test("a change of the spec counts, a change of labels does not", () => {
    const labelled = updated(
      stored,
      { ...stored, metadata: { ...stored.metadata, labels: { a: "b" }, uid: "forged", generation: 99 } },
      "main",
      true,
    );
    expect(labelled.metadata).toMatchObject({ generation: 1, uid: "u", labels: { a: "b" } });
    expect(updated(stored, { ...stored, data: { k: "w" } }, "main", true).metadata.generation).toBe(2);
  });

  test("status and the rest are written apart", () => {
    const sent = { ...stored, data: { k: "w" }, status: { ready: true } };
    expect(updated(stored, sent, "main", true)).toMatchObject({ data: { k: "w" } });
    expect(updated(stored, sent, "main", true)["status"]).toBeUndefined();
    expect(updated(stored, sent, "status", true)).toMatchObject({ data: { k: "v" }, status: { ready: true }, metadata: { generation: 1 } });
  });
});
