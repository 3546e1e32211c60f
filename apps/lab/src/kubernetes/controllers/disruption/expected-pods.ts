import type { KubeObject } from "@slash28/ports";
import { controllerOf, scaledCount } from "../objects/index.ts";
import type { DisruptionBudget, Pod } from "../objects/index.ts";

/** Finds the object that an owner reference names; `undefined` when it is not there (any more). */
export type FindOwner = (kind: string, namespace: string | undefined, name: string, uid: string) => KubeObject | undefined;

export type Expected =
  | { readonly ok: true; readonly pods: number; readonly healthy: number }
  /** The budget cannot be worked out: nothing may be evicted. */
  | { readonly ok: false; readonly why: string };

/** How many pods a budget's controllers want, and how many of them must stay healthy. */
export function expectedPods(budget: DisruptionBudget, pods: readonly Pod[], find: FindOwner): Expected {
  const { minAvailable, maxUnavailable } = budget.spec;
  if (maxUnavailable === undefined && typeof minAvailable === "number") return { ok: true, pods: pods.length, healthy: minAvailable };
  const wanted = wantedByControllers(pods, find);
  if (!wanted.ok) return wanted;
  const healthy =
    maxUnavailable === undefined
      ? scaledCount(minAvailable ?? 1, wanted.pods, "up")
      : Math.max(0, wanted.pods - scaledCount(maxUnavailable, wanted.pods, "up"));
  return { ok: true, pods: wanted.pods, healthy };
}

const APIS: Readonly<Record<string, string>> = { DaemonSet: "daemonsets.apps", Job: "jobs.batch", Node: "nodes" };

/** The wanted sizes of all controllers of these pods; a pod of none counts for nothing. */
function wantedByControllers(pods: readonly Pod[], find: FindOwner): Expected {
  const sizes = new Map<string, number>();
  for (const pod of pods) {
    const { namespace } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner === undefined) continue;
    const object = find(owner.kind, namespace, owner.name, owner.uid);
    const above = object === undefined ? undefined : controllerOf(object);
    const top = above === undefined ? object : find(above.kind, namespace, above.name, above.uid);
    if (top === undefined) {
      if (owner.kind in APIS) return { ok: false, why: `${APIS[owner.kind]} does not implement the scale subresource` };
      // Gone, or of a kind without a size here.
      continue;
    }
    const size = (top["spec"] as { readonly replicas?: unknown } | undefined)?.replicas;
    sizes.set(top.metadata.uid ?? "", typeof size === "number" ? size : 1);
  }
  return { ok: true, pods: [...sizes.values()].reduce((sum, size) => sum + size, 0), healthy: 0 };
}
