import { RESOURCES, createEventRecorder, objectKey, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, keyOwners, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { createExpectations } from "../expectations.ts";
import type { Expectations } from "../expectations.ts";
import { sameJson } from "../objects/index.ts";
import type { Node } from "../objects/index.ts";
import { createPods, deletePods } from "../pod-batches.ts";
import { keepHistory } from "../keep-history.ts";
import { revisionHashOf, templateHistory } from "../template-history.ts";
import { templateForNode } from "./node-eligibility.ts";
import { reconcileDaemonSet } from "./reconcile.ts";

/** Keeps one pod of each daemon set on every node that suits it. */
export function startDaemonSetController(ports: ControllerPorts, view: ClusterView): Controller {
  const expectations = createExpectations(ports.clock);
  const events = createEventRecorder({ ...ports, source: { component: "daemonset-controller" } });
  return runController(ports, {
    name: "daemon-set",
    turn: (key) => turnDaemonSet({ ports, view, expectations, events }, key),
    sources: (queue) => [
      keyEachObject(view.daemonSets, queue),
      keyOwners(view.pods, queue, "DaemonSet", (key, change) => expectations.observe(key, change)),
      view.nodes.onChange((change) => {
        if (change.type === "updated" && !changesEligibility(change.before, change.object)) return;
        for (const set of view.daemonSets.list()) queue.add(objectKey(set));
      }),
    ],
  });
}

function changesEligibility(before: Node, after: Node): boolean {
  return !sameJson([before.metadata.labels, before.spec], [after.metadata.labels, after.spec]);
}

interface Context {
  readonly ports: ControllerPorts;
  readonly view: ClusterView;
  readonly expectations: Expectations;
  readonly events: EventRecorder;
}

async function turnDaemonSet(context: Context, key: string): Promise<{ afterMs: number } | void> {
  const { ports, view, expectations } = context;
  const { name, namespace } = splitKey(key);
  const daemonSet = view.daemonSets.get(name, namespace);
  if (daemonSet === undefined) {
    expectations.forget(key);
    return;
  }
  // Asked before the pods are read: what meets an expectation while this turn waits is not among them.
  const mayChangePods = expectations.isMet(key);
  const pods = view.pods.byIndex("owner", daemonSet.metadata.uid ?? "");
  const inUse = new Set(pods.map(revisionHashOf));
  const isGoing = daemonSet.metadata.deletionTimestamp !== undefined;
  const revisions = view.revisions.byIndex("owner", daemonSet.metadata.uid ?? "");
  const history = templateHistory(daemonSet, revisions, inUse);
  if (!isGoing) await keepHistory(ports.kube, history);
  const revisionHash = history.hash;
  const plan = reconcileDaemonSet({ daemonSet, nodes: view.nodes.list(), pods, revisionHash, now: ports.clock.now() });
  if (mayChangePods) {
    const batch = { ...context, kube: ports.kube, random: ports.random, key, owner: daemonSet };
    await deletePods(batch, plan.delete);
    await createPods(
      batch,
      plan.createOn.map((node) => templateForNode(daemonSet, node, revisionHash)),
    );
  }
  if (!sameJson(plan.status, daemonSet.status)) {
    const body = { status: plan.status };
    await ports.kube.patch(RESOURCES.daemonSets, name, namespace, { kind: "merge", body, subresource: "status" });
  }
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}
