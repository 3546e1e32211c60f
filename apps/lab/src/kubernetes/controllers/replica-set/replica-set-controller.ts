import { RESOURCES, createEventRecorder, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import { keyEachObject, keyOwners, keySelectors, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { createExpectations } from "../expectations.ts";
import type { Expectations } from "../expectations.ts";
import { controllerOf, ownerReferenceTo, sameJson } from "../objects/index.ts";
import type { Pod, ReplicaSet } from "../objects/index.ts";
import { createPods, deletePods } from "../pod-batches.ts";
import { reconcileReplicaSet } from "./reconcile.ts";
import type { ReplicaSetPlan } from "./reconcile.ts";

/** Keeps as many pods as each replica set asks for. */
export function startReplicaSetController(ports: ControllerPorts, view: ClusterView): Controller {
  const expectations = createExpectations(ports.clock);
  const events = createEventRecorder({ ...ports, source: { component: "replicaset-controller" } });
  return runController(ports, {
    name: "replica-set",
    turn: (key) => turnReplicaSet({ ports, view, expectations, events }, key),
    sources: (queue) => [
      keyEachObject(view.replicaSets, queue),
      keyOwners(view.pods, queue, "ReplicaSet", (key, change) => expectations.observe(key, change)),
      keySelectors(view.pods, queue, view.replicaSets),
    ],
  });
}

interface Context {
  readonly ports: ControllerPorts;
  readonly view: ClusterView;
  readonly expectations: Expectations;
  readonly events: EventRecorder;
}

async function turnReplicaSet(context: Context, key: string): Promise<{ afterMs: number } | void> {
  const { ports, view, expectations } = context;
  const { name, namespace } = splitKey(key);
  const replicaSet = view.replicaSets.get(name, namespace);
  if (replicaSet === undefined) {
    expectations.forget(key);
    return;
  }
  // Asked before the pods are read: what meets an expectation while this turn waits is not among them.
  const mayChangePods = expectations.isMet(key);
  const ownerless = view.pods.byIndex("namespace", namespace ?? "").filter((pod) => controllerOf(pod) === undefined);
  const pods = [...view.pods.byIndex("owner", replicaSet.metadata.uid ?? ""), ...ownerless];
  const plan = reconcileReplicaSet({ replicaSet, pods, now: ports.clock.now() });
  if (mayChangePods) await act(context, key, replicaSet, plan);
  if (!sameJson(plan.status, replicaSet.status)) {
    // Only this loop writes it, one turn at a time: a version would only make it fail when the copy is behind.
    const body = { status: plan.status };
    await ports.kube.patch(RESOURCES.replicaSets, name, namespace, { kind: "merge", body, subresource: "status" });
  }
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}

async function act(context: Context, key: string, replicaSet: ReplicaSet, plan: ReplicaSetPlan): Promise<void> {
  const { ports } = context;
  for (const pod of plan.adopt) await setOwners(ports, pod, [ownerReferenceTo(replicaSet)]);
  for (const pod of plan.release) {
    const others = (pod.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== replicaSet.metadata.uid);
    await setOwners(ports, pod, others);
  }
  const batch = { ...context, kube: ports.kube, random: ports.random, key, owner: replicaSet };
  await createPods(
    batch,
    Array.from({ length: plan.create }, () => replicaSet.spec.template),
  );
  await deletePods(batch, plan.delete);
}

async function setOwners(ports: ControllerPorts, pod: Pod, ownerReferences: readonly object[]): Promise<void> {
  const body = { metadata: { uid: pod.metadata.uid, ownerReferences } };
  await ports.kube.patch(RESOURCES.pods, pod.metadata.name, pod.metadata.namespace, { kind: "merge", body });
}
