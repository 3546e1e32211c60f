import { RESOURCES, createEventRecorder, isAlreadyExists, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, keyOwners, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { controllerOf, isControlledBy } from "../objects/index.ts";
import type { Deployment, ReplicaSet } from "../objects/index.ts";
import { reconcileDeployment } from "./reconcile.ts";
import type { DeploymentAction } from "./reconcile.ts";
import { findNewReplicaSet } from "./revisions.ts";

/** Rolls deployments out by creating and sizing replica sets. */
export function startDeploymentController(ports: ControllerPorts, view: ClusterView): Controller {
  const events = createEventRecorder({ ...ports, source: { component: "deployment-controller" } });
  return runController(ports, {
    name: "deployment",
    turn: (key) => turnDeployment({ ports, view, events }, key),
    sources: (queue) => [
      keyEachObject(view.deployments, queue),
      keyOwners(view.replicaSets, queue, "Deployment"),
      // Only a Recreate waits for single pods to be gone.
      view.pods.onChange((change) => {
        if (change.type !== "deleted") return;
        const owner = controllerOf(change.object);
        const set = owner === undefined ? undefined : view.replicaSets.get(owner.name, change.object.metadata.namespace);
        const deployment = set === undefined ? undefined : controllerOf(set);
        if (deployment?.kind === "Deployment") queue.add(`${change.object.metadata.namespace ?? ""}/${deployment.name}`);
      }),
    ],
  });
}

interface Context {
  readonly ports: ControllerPorts;
  readonly view: ClusterView;
  readonly events: EventRecorder;
}

async function turnDeployment(context: Context, key: string): Promise<{ afterMs: number } | void> {
  const { view, ports } = context;
  const { name, namespace } = splitKey(key);
  const deployment = view.deployments.get(name, namespace);
  if (deployment === undefined) return;
  const replicaSets = view.replicaSets.byIndex("owner", deployment.metadata.uid ?? "");
  const pods = replicaSets.flatMap((set) => view.pods.byIndex("owner", set.metadata.uid ?? ""));
  const plan = reconcileDeployment({ deployment, replicaSets, pods, now: ports.clock.now() });
  for (const action of plan.actions) await act(context, deployment, action);
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}

async function act(context: Context, deployment: Deployment, action: DeploymentAction): Promise<void> {
  const { kube } = context.ports;
  const { name, namespace } = deployment.metadata;
  switch (action.kind) {
    case "create-replica-set":
      return await createReplicaSet(context, deployment, action.replicaSet);
    case "update-replica-set":
      await kube.update(RESOURCES.replicaSets, action.replicaSet);
      if (action.from !== action.to) tellScaled(context, deployment, action.replicaSet.metadata.name, action.from, action.to);
      return;
    case "delete-replica-set":
      return await kube.delete(RESOURCES.replicaSets, action.replicaSet.metadata.name, namespace);
    case "annotate":
      await kube.patch(RESOURCES.deployments, name, namespace, { kind: "merge", body: { metadata: { annotations: action.annotations } } });
      return;
    case "update-status":
      await kube.patch(RESOURCES.deployments, name, namespace, {
        kind: "merge",
        body: { status: action.status },
        subresource: "status",
      });
      return;
    default:
      action satisfies never;
  }
}

async function createReplicaSet(context: Context, deployment: Deployment, wanted: ReplicaSet): Promise<void> {
  const { kube } = context.ports;
  try {
    const made = await kube.create<ReplicaSet>(RESOURCES.replicaSets, wanted);
    tellScaled(context, deployment, made.metadata.name, 0, made.spec.replicas ?? 0);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { name, namespace } = wanted.metadata;
    const there = await kube.get<ReplicaSet>(RESOURCES.replicaSets, name, namespace);
    // Ours, only not seen yet: the next turn sees it.
    if (there === undefined || (isControlledBy(there, deployment) && findNewReplicaSet(deployment, [there]) !== undefined)) return;
    // Another template hashed to the same name, or somebody else holds it: the count changes the next hash.
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await kube.patch(RESOURCES.deployments, deployment.metadata.name, namespace, {
      kind: "merge",
      body: { status: { collisionCount } },
      subresource: "status",
    });
  }
}

function tellScaled(context: Context, deployment: Deployment, name: string, from: number, to: number): void {
  const message = `Scaled ${to >= from ? "up" : "down"} replica set ${name} from ${from} to ${to}`;
  void context.events.record(deployment, { type: "Normal", reason: "ScalingReplicaSet", message });
}
