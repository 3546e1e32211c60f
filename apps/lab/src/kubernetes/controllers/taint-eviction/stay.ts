import type { Millis } from "@slash28/ports";
import { tolerates } from "../../scheduler/node-fit.ts";
import type { Pod, Taint } from "../objects/index.ts";

/** A taint, and when it was seen first. */
export interface SeenTaint {
  readonly taint: Taint;
  readonly since: Millis;
}

/**
 * When a pod must leave its node: at once (a time that is past) when a NoExecute taint is not tolerated, else when the shortest
 * `tolerationSeconds` of the tolerations in use is over; `undefined`: never.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export function leavesAt(pod: Pod, taints: readonly SeenTaint[]): Millis | undefined {
  let first: Millis | undefined;
  for (const { taint, since } of taints) {
    const used = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    const limits = used.flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : [Math.max(0, tolerationSeconds)]));
    if (used.length > 0 && limits.length === 0) continue;
    const seconds = used.length === 0 ? 0 : Math.min(...limits);
    first = Math.min(first ?? Infinity, since + seconds * 1_000);
  }
  return first;
}

/** The NoExecute taints a node has now; those it had before keep their time. */
export function seenTaints(taints: readonly Taint[] | undefined, before: readonly SeenTaint[], now: Millis): readonly SeenTaint[] {
  return (taints ?? [])
    .filter(({ effect }) => effect === "NoExecute")
    .map((taint) => ({ taint, since: before.find((seen) => isSame(seen.taint, taint))?.since ?? now }));
}

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && (a.value ?? "") === (b.value ?? "");
}
