import { RESOURCES, objectKey, splitKey } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { hasEnded, matchesSelector, sameJson } from "../objects/index.ts";
import type { DisruptionBudget, Pod } from "../objects/index.ts";
import type { FindOwner } from "./expected-pods.ts";
import { reconcileBudget } from "./reconcile.ts";

/** Keeps count of how many pods of each PodDisruptionBudget may go. */
export function startDisruptionController(ports: ControllerPorts, view: ClusterView): Controller {
  return runController(ports, {
    name: "disruption",
    turn: (key) => turnBudget(ports, view, key),
    sources: (queue) => {
      const touchNamespace = (namespace: string | undefined): void => {
        for (const budget of view.budgets.byIndex("namespace", namespace ?? "")) queue.add(objectKey(budget));
      };
      const onSize = view.sized.map((informer) =>
        informer.onChange((change) => {
          if (change.type !== "updated" || change.before.metadata.generation !== change.object.metadata.generation) {
            touchNamespace(change.object.metadata.namespace);
          }
        }),
      );
      return [
        keyEachObject(view.budgets, queue),
        ...onSize,
        view.pods.onChange((change) => {
          const sides = change.type === "updated" ? [change.before, change.object] : [change.object];
          for (const budget of view.budgets.byIndex("namespace", change.object.metadata.namespace ?? "")) {
            if (sides.some((pod) => isCovered(budget, pod))) queue.add(objectKey(budget));
          }
        }),
      ];
    },
  });
}

async function turnBudget(ports: ControllerPorts, view: ClusterView, key: string): Promise<{ afterMs: number } | void> {
  const { name, namespace } = splitKey(key);
  const budget = view.budgets.get(name, namespace);
  if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return;
  const pods = view.pods.byIndex("namespace", namespace ?? "").filter((pod) => isCovered(budget, pod) && !hasEnded(pod));
  const find: FindOwner = (kind, within, owner, uid) => ownerIn(view, kind, within, owner, uid);
  const plan = reconcileBudget({ budget, pods, find, now: ports.clock.now() });
  if (!sameJson(plan.status, budget.status)) {
    // With the version: an eviction granted in between must not be given back. A merge keeps keys that are not named, so gone ones are.
    const gone = Object.keys(budget.status?.disruptedPods ?? {}).filter((pod) => plan.status.disruptedPods?.[pod] === undefined);
    const disruptedPods = { ...plan.status.disruptedPods, ...Object.fromEntries(gone.map((pod) => [pod, null])) };
    const { resourceVersion } = budget.metadata;
    const body = { metadata: { resourceVersion }, status: { ...plan.status, disruptedPods } };
    await ports.kube.patch(RESOURCES.disruptionBudgets, name, namespace, { kind: "merge", body, subresource: "status" });
  }
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}

function isCovered(budget: DisruptionBudget, pod: Pod): boolean {
  const { selector } = budget.spec;
  return selector !== undefined && matchesSelector(selector, pod.metadata.labels);
}

function ownerIn(view: ClusterView, kind: string, namespace: string | undefined, name: string, uid: string): KubeObject | undefined {
  const found = {
    ReplicaSet: view.replicaSets,
    Deployment: view.deployments,
    StatefulSet: view.statefulSets,
  }[kind]?.get(name, namespace);
  return found?.metadata.uid === uid ? found : undefined;
}
