import { RESOURCES, createEventRecorder, isNotFound, objectKey, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { createUnlessThere } from "../create-unless-there.ts";
import type { Claim, PersistentVolume } from "../objects/index.ts";
import { DISK_DRIVER, IN_USE_FINALIZER, claimNames, claimRefTo, planClaim, planVolume } from "./claim-plan.ts";
import type { ClaimPlan } from "./claim-plan.ts";

/** Finds or makes a volume for each claim, and takes volumes away whose claims are gone. */
export function startVolumeController(ports: ControllerPorts, view: ClusterView): readonly Controller[] {
  const events = createEventRecorder({ ...ports, source: { component: "persistentvolume-controller" } });
  const claims = runController(ports, {
    name: "claims",
    turn: (key) => turnClaim(ports, view, events, key),
    sources: (queue) => [
      keyEachObject(view.claims, queue),
      // A claim that is on its way out waits for its last pod.
      view.pods.onChange(({ object: pod }) => {
        for (const name of claimNames(pod)) {
          const claim = view.claims.get(name, pod.metadata.namespace);
          if (claim?.metadata.deletionTimestamp !== undefined) queue.add(objectKey(claim));
        }
      }),
      view.persistentVolumes.onChange(() => {
        for (const claim of view.claims.list()) if (claim.status?.phase !== "Bound") queue.add(objectKey(claim));
      }),
      view.storageClasses.onChange(() => {
        for (const claim of view.claims.list()) if (claim.status?.phase !== "Bound") queue.add(objectKey(claim));
      }),
    ],
  });
  const volumes = runController(ports, {
    name: "volumes",
    turn: (name) => turnVolume(ports, view, name),
    sources: (queue) => [
      keyEachObject(view.persistentVolumes, queue),
      view.claims.onChange(({ type, object }) => {
        if (type === "deleted" && object.spec.volumeName !== undefined) queue.add(object.spec.volumeName);
      }),
    ],
  });
  return [claims, volumes];
}

async function turnClaim(ports: ControllerPorts, view: ClusterView, events: EventRecorder, key: string): Promise<void> {
  const { name, namespace } = splitKey(key);
  const claim = view.claims.get(name, namespace);
  if (claim === undefined) return;
  const plan = planClaim({
    claim,
    volumes: view.persistentVolumes.list(),
    classes: view.storageClasses.list(),
    nodes: view.nodes.list(),
    pods: view.pods.byIndex("namespace", namespace ?? ""),
  });
  await act(ports, events, claim, plan);
}

async function act(ports: ControllerPorts, events: EventRecorder, claim: Claim, plan: ClaimPlan): Promise<void> {
  switch (plan.kind) {
    case "nothing":
      return;
    case "protect":
      return await patchClaim(ports, claim, { metadata: { finalizers: [...(claim.metadata.finalizers ?? []), IN_USE_FINALIZER] } });
    case "release": {
      const others = (claim.metadata.finalizers ?? []).filter((finalizer) => finalizer !== IN_USE_FINALIZER);
      return await patchClaim(ports, claim, { metadata: { finalizers: others.length === 0 ? null : others } });
    }
    case "classify":
      return await patchClaim(ports, claim, { spec: { storageClassName: plan.storageClassName } });
    case "lost":
      return await patchStatus(ports, claim, { phase: "Lost" });
    case "wait":
      return void (await events.record(claim, { type: plan.type, reason: plan.reason, message: plan.message }));
    case "provision":
      return await provision(ports, events, claim, plan.volume);
    case "bind":
      return await bind(ports, claim, plan.volume);
    default:
      plan satisfies never;
  }
}

async function provision(ports: ControllerPorts, events: EventRecorder, claim: Claim, volume: PersistentVolume): Promise<void> {
  await createUnlessThere(() => ports.kube.create<PersistentVolume>(RESOURCES.persistentVolumes, volume));
  const message = `Successfully provisioned volume ${volume.metadata.name} using ${DISK_DRIVER}`;
  void events.record(claim, { type: "Normal", reason: "ProvisioningSucceeded", message });
  await bind(ports, claim, volume);
}

/** The volume first: a claim must not be told of a volume that another has got. */
async function bind(ports: ControllerPorts, claim: Claim, volume: PersistentVolume): Promise<void> {
  const { kube } = ports;
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) {
    const body = { metadata: { resourceVersion: volume.metadata.resourceVersion }, spec: { claimRef: claimRefTo(claim) } };
    await kube.patch(RESOURCES.persistentVolumes, volume.metadata.name, undefined, { kind: "merge", body });
  }
  if (claim.spec.volumeName === undefined) {
    const annotations = { "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes" };
    await patchClaim(ports, claim, { metadata: { annotations }, spec: { volumeName: volume.metadata.name } });
  }
  await patchStatus(ports, claim, { phase: "Bound", accessModes: volume.spec.accessModes, capacity: volume.spec.capacity });
}

async function patchClaim(
  { kube }: ControllerPorts,
  claim: Claim,
  body: { readonly metadata?: object; readonly spec?: object },
): Promise<void> {
  const { name, namespace, uid } = claim.metadata;
  await kube.patch(RESOURCES.claims, name, namespace, { kind: "merge", body: { ...body, metadata: { uid, ...body.metadata } } });
}

async function patchStatus({ kube }: ControllerPorts, claim: Claim, status: object): Promise<void> {
  const { name, namespace, uid } = claim.metadata;
  await kube.patch(RESOURCES.claims, name, namespace, { kind: "merge", body: { metadata: { uid }, status }, subresource: "status" });
}

async function turnVolume({ kube }: ControllerPorts, view: ClusterView, name: string): Promise<void> {
  const volume = view.persistentVolumes.get(name);
  if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return;
  const { claimRef } = volume.spec;
  const known = claimRef === undefined ? undefined : view.claims.get(claimRef.name, claimRef.namespace);
  // The copy of the claims may be behind the copy of the volumes.
  const claim =
    claimRef === undefined || known !== undefined ? known : await kube.get<Claim>(RESOURCES.claims, claimRef.name, claimRef.namespace);
  const { phase, isSpent } = planVolume(volume, claim);
  if (isSpent) return await kube.delete(RESOURCES.persistentVolumes, name);
  if (volume.status?.phase === phase) return;
  try {
    await kube.patch(RESOURCES.persistentVolumes, name, undefined, { kind: "merge", body: { status: { phase } }, subresource: "status" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
