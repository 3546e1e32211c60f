import type { KubeObject, OwnerReference } from "@slash28/ports";
import { describe, expect, test } from "vitest";
import { collect } from "../../../src/kubernetes/controllers/garbage/collect.ts";
import { OwnerGraph } from "../../../src/kubernetes/controllers/garbage/owner-graph.ts";
import { ago } from "../objects.ts";

const resource = { group: "", version: "v1", plural: "things" };

interface Look {
  readonly owners?: readonly string[];
  readonly finalizer?: string;
  readonly isBlocking?: boolean;
}

function thing(uid: string, { owners = [], finalizer, isBlocking = true }: Look = {}): KubeObject {
  const ownerReferences: OwnerReference[] = owners.map((owner) => ({
    apiVersion: "v1",
    kind: "Thing",
    name: owner,
    uid: owner,
    blockOwnerDeletion: isBlocking,
  }));
  return {
    apiVersion: "v1",
    kind: "Thing",
    metadata: {
      name: uid,
      uid,
      ownerReferences,
      ...(finalizer === undefined ? {} : { deletionTimestamp: ago(1), finalizers: [finalizer] }),
    },
  };
}

function decide(objects: readonly KubeObject[], uid: string, gone: readonly string[] = []): readonly string[] {
  const graph = new OwnerGraph();
  for (const object of objects) graph.put(resource, object);
  return collect(graph, uid, new Set(gone)).map((action) => {
    const { name } = action.node.object.metadata;
    if (action.kind === "delete") return `delete ${name} ${action.propagation}`;
    return action.kind === "drop-owners" ? `drop ${action.uids.join()} from ${name}` : `remove ${action.finalizer} from ${name}`;
  });
}

describe("an object with owners", () => {
  test.each([
    ["whose owner is there", [thing("a"), thing("b", { owners: ["a"] })], [], []],
    ["whose owner is not known to be gone", [thing("b", { owners: ["a"] })], [], []],
    ["whose owner is gone", [thing("b", { owners: ["a"] })], ["a"], ["delete b Background"]],
    ["with one owner gone and one there", [thing("b", { owners: ["a", "c"] }), thing("c")], ["a"], ["drop a from b"]],
    [
      "whose owner waits for it",
      [thing("a", { finalizer: "foregroundDeletion" }), thing("b", { owners: ["a"] })],
      [],
      ["delete b Background"],
    ],
    [
      "whose owner waits for it, and that owns something itself",
      [thing("a", { finalizer: "foregroundDeletion" }), thing("b", { owners: ["a"] }), thing("c", { owners: ["b"] })],
      [],
      ["delete b Foreground"],
    ],
  ])("%s", (_, objects, gone, actions) => {
    expect(decide(objects, "b", gone)).toEqual(actions);
  });
});

describe("a foreground deletion", () => {
  const owner = thing("a", { finalizer: "foregroundDeletion" });

  test("deletes dependents, and ends when none is left that blocks", () => {
    expect(decide([owner, thing("b", { owners: ["a"] })], "a")).toEqual(["delete b Background"]);
    expect(decide([owner], "a")).toEqual(["remove foregroundDeletion from a"]);
    expect(decide([owner, thing("b", { owners: ["a"], isBlocking: false })], "a")).toEqual([
      "delete b Background",
      "remove foregroundDeletion from a",
    ]);
  });

  test("waits for dependents on their way out, and leaves those with another owner alone", () => {
    expect(decide([owner, thing("b", { owners: ["a"], finalizer: "mine" })], "a")).toEqual([]);
    expect(decide([owner, thing("c"), thing("b", { owners: ["a", "c"] })], "a")).toEqual(["remove foregroundDeletion from a"]);
  });
});

test("an orphaning deletion first frees the dependents, then ends", () => {
  const owner = thing("a", { finalizer: "orphan" });
  expect(decide([owner, thing("b", { owners: ["a"] })], "a")).toEqual(["drop a from b"]);
  expect(decide([owner, thing("b")], "a")).toEqual(["remove orphan from a"]);
});
