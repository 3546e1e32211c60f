import { RESOURCES, createEventRecorder, isAlreadyExists, isNoLongerThere, refusedStatus, splitKey } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, keyOwners, keySelectors, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { createUnlessThere } from "../create-unless-there.ts";
import { keepHistory } from "../keep-history.ts";
import { controllerOf, ownerReferenceTo, sameJson } from "../objects/index.ts";
import type { Pod, PodTemplate, StatefulSet } from "../objects/index.ts";
import { revisionHashOf, templateHistory } from "../template-history.ts";
import { claimOwners } from "./claims.ts";
import { reconcileStatefulSet } from "./reconcile.ts";
import type { StatefulSetAction } from "./reconcile.ts";
import { claimsFor, ordinalOf, versionOf, wantedOrdinals } from "./replicas.ts";
import type { Version } from "./replicas.ts";

/** Keeps the numbered pods of each stateful set, with the claims that belong to their numbers. */
export function startStatefulSetController(ports: ControllerPorts, view: ClusterView): Controller {
  const events = createEventRecorder({ ...ports, source: { component: "statefulset-controller" } });
  return runController(ports, {
    name: "stateful-set",
    turn: (key) => turnStatefulSet({ ports, view, events }, key),
    sources: (queue) => [
      keyEachObject(view.statefulSets, queue),
      keyOwners(view.pods, queue, "StatefulSet"),
      keySelectors(view.pods, queue, view.statefulSets),
    ],
  });
}

interface Context {
  readonly ports: ControllerPorts;
  readonly view: ClusterView;
  readonly events: EventRecorder;
}

async function turnStatefulSet(context: Context, key: string): Promise<{ afterMs: number } | void> {
  const { ports, view } = context;
  const { name, namespace } = splitKey(key);
  const set = view.statefulSets.get(name, namespace);
  if (set === undefined) return;
  const pods = view.pods
    .byIndex("namespace", namespace ?? "")
    .filter((pod) => controllerOf(pod) === undefined || controllerOf(pod)?.uid === set.metadata.uid);
  const { current, update } = await versionsOf(context, set, pods);
  const plan = reconcileStatefulSet({ set, pods, current, update, now: ports.clock.now() });
  for (const action of plan.actions) await act(context, set, action);
  if (set.metadata.deletionTimestamp === undefined) await keepClaims(context, set, pods);
  if (!sameJson(plan.status, set.status)) {
    const body = { status: plan.status };
    await ports.kube.patch(RESOURCES.statefulSets, name, namespace, { kind: "merge", body, subresource: "status" });
  }
  return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
}

async function versionsOf({ ports, view }: Context, set: StatefulSet, pods: readonly Pod[]) {
  const revisions = view.revisions.byIndex("owner", set.metadata.uid ?? "");
  const named = new Set([set.status?.currentRevision, set.status?.updateRevision, ...pods.map(versionOf)]);
  // Revisions are in use by name here, and the history goes by their hashes.
  const inUse = new Set(revisions.filter(({ metadata }) => named.has(metadata.name)).map(revisionHashOf));
  const history = templateHistory(set, revisions, inUse);
  if (set.metadata.deletionTimestamp === undefined) await keepHistory(ports.kube, history);
  const update: Version = { name: history.revision.metadata.name, template: set.spec.template };
  const before = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision);
  const current = before === undefined ? update : { name: before.metadata.name, template: templateIn(before.data) ?? set.spec.template };
  return { current, update };
}

function templateIn(data: unknown): PodTemplate | undefined {
  const template = (data as { readonly spec?: { readonly template?: PodTemplate & { readonly $patch?: string } } }).spec?.template;
  if (template === undefined) return undefined;
  const { $patch: _, ...rest } = template;
  return rest;
}

async function act(context: Context, set: StatefulSet, action: StatefulSetAction): Promise<void> {
  const { kube } = context.ports;
  const { name, namespace, uid } = action.pod.metadata;
  switch (action.kind) {
    case "create":
      for (const claim of claimsFor(set, action.ordinal)) await createClaim(context, set, claim, name);
      return await createPod(context, set, action.pod);
    case "delete":
      if (action.isScaledDown) await keepClaims(context, set, [action.pod]);
      try {
        await kube.delete(RESOURCES.pods, name, namespace, uid === undefined ? {} : { uid });
      } catch (error) {
        if (isNoLongerThere(error)) return;
        throw error;
      }
      return tell(context, set, "Normal", "SuccessfulDelete", `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`);
    case "adopt": {
      const body = { metadata: { uid, ownerReferences: [ownerReferenceTo(set)] } };
      return void (await kube.patch(RESOURCES.pods, name, namespace, { kind: "merge", body }));
    }
    default:
      action satisfies never;
  }
}

async function createClaim(context: Context, set: StatefulSet, claim: ReturnType<typeof claimsFor>[number], pod: string): Promise<void> {
  const { name, namespace } = claim.metadata;
  const there = context.view.claims.get(name, namespace);
  if (there?.metadata.deletionTimestamp !== undefined) throw new Error(`the claim ${name} of pod ${pod} is being deleted`);
  if (there !== undefined) return;
  if (!(await createUnlessThere(() => context.ports.kube.create(RESOURCES.claims, claim)))) return;
  const message = `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
  tell(context, set, "Normal", "SuccessfulCreate", message);
}

async function createPod(context: Context, set: StatefulSet, pod: Pod): Promise<void> {
  const what = `create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  try {
    await context.ports.kube.create<Pod>(RESOURCES.pods, pod);
  } catch (error) {
    // Made in a turn before, and not seen yet.
    if (isAlreadyExists(error)) return;
    const detail = error instanceof Error ? error.message : String(error);
    if (refusedStatus(error) !== 404) tell(context, set, "Warning", "FailedCreate", `${what} failed error: ${detail}`);
    throw error;
  }
  tell(context, set, "Normal", "SuccessfulCreate", `${what} successful`);
}

/** Gives the claims of these pods the owners that the retention policy asks for. */
async function keepClaims({ ports, view }: Context, set: StatefulSet, pods: readonly Pod[]): Promise<void> {
  const wanted = new Set(wantedOrdinals(set));
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod.metadata.name);
    if (ordinal === undefined) continue;
    for (const { metadata } of claimsFor(set, ordinal)) {
      const claim = view.claims.get(metadata.name, metadata.namespace);
      if (claim === undefined) continue;
      const ownerReferences = claimOwners({ set, claim, goingPod: wanted.has(ordinal) ? undefined : pod });
      if (ownerReferences === undefined) continue;
      const body = { metadata: { uid: claim.metadata.uid, ownerReferences } };
      await ports.kube.patch(RESOURCES.claims, metadata.name, metadata.namespace, { kind: "merge", body });
    }
  }
}

function tell({ events }: Context, set: StatefulSet, type: "Normal" | "Warning", reason: string, message: string): void {
  void events.record(set, { type, reason, message });
}
