import type { KubeObject } from "@slash28/kube-store";
import { describe, expect, test } from "vitest";
import { decideEviction } from "../../../src/kubernetes/api-server/operations/decide-eviction.ts";

const NOW = Date.UTC(2030, 0, 1);

function aPod(look: { phase?: string; isReady?: boolean } = {}): KubeObject {
  const conditions = [{ type: "Ready", status: look.isReady === false ? "False" : "True" }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-0", namespace: "default", labels: { app: "web" } },
    status: { phase: look.phase ?? "Running", conditions },
  };
}

function aBudget(status: object, spec: object = {}, name = "web"): KubeObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace: "default", generation: 1 },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
    status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, ...status },
  };
}

const decide = (pod: KubeObject, ...budgets: readonly KubeObject[]) => decideEviction({ pod, budgets, now: NOW });

describe("an eviction", () => {
  test("of a pod without a budget, or with one of others, is a deletion", () => {
    expect(decide(aPod())).toEqual({ kind: "delete" });
    expect(decide(aPod(), aBudget({}, { selector: { matchLabels: { app: "db" } } }))).toEqual({ kind: "delete" });
  });

  test.each(["Pending", "Succeeded", "Failed"])("of a %s pod costs no budget", (phase) => {
    expect(decide(aPod({ phase }), aBudget({}))).toEqual({ kind: "delete" });
  });

  test("is counted against the budget, with the pod's name", () => {
    const decision = decide(aPod(), aBudget({ disruptionsAllowed: 1 }));
    expect(decision).toMatchObject({
      kind: "spend",
      budget: { status: { disruptionsAllowed: 0, disruptedPods: { "web-0": "2030-01-01T00:00:00Z" } } },
    });
  });

  test("is refused in the words kubectl drain shows, without a time to wait", () => {
    const decision = decide(aPod(), aBudget({}));
    expect(decision).toMatchObject({
      failure: {
        code: 429,
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [{ reason: "DisruptionBudget", message: "The disruption budget web needs 2 healthy pods and has 2 currently" }],
        },
      },
    });
    expect(decision.kind === "refuse" && decision.failure.details?.retryAfterSeconds).toBe(undefined);
  });

  test("waits for a budget whose controller has not seen its latest spec", () => {
    const decision = decide(aPod(), aBudget({ observedGeneration: 0, disruptionsAllowed: 1 }));
    expect(decision).toMatchObject({ failure: { code: 429, details: { retryAfterSeconds: 10 } } });
  });

  test("is refused where two budgets cover one pod", () => {
    expect(decide(aPod(), aBudget({ disruptionsAllowed: 1 }), aBudget({}, {}, "other"))).toMatchObject({ failure: { code: 500 } });
  });

  test.each([
    ["while the others suffice", { currentHealthy: 2, desiredHealthy: 2 }, {}, "delete"],
    ["while too few serve", { currentHealthy: 1, desiredHealthy: 2 }, {}, "refuse"],
    ["always, if told so", { currentHealthy: 0, desiredHealthy: 2 }, { unhealthyPodEvictionPolicy: "AlwaysAllow" }, "delete"],
  ])("of a pod that does not serve goes %s", (_, status, spec, kind) => {
    expect(decide(aPod({ isReady: false }), aBudget(status, spec)).kind).toBe(kind);
  });
});
