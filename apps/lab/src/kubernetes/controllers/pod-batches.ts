import { RESOURCES, isNoLongerThere, refusedStatus } from "@slash28/kube";
import type { EventRecorder } from "@slash28/kube";
import type { Kube, KubeObject } from "@slash28/ports";
import type { Expectations } from "./expectations.ts";
import type { Pod, PodTemplate } from "./objects/index.ts";
import { podFromTemplate } from "./pod-from-template.ts";

/** A turn's creations and deletions on behalf of one owner. */
export interface PodBatch {
  readonly kube: Kube;
  readonly random: () => number;
  readonly events: EventRecorder;
  readonly expectations: Expectations;
  /** The owner's key in the work queue and the expectations. */
  readonly key: string;
  readonly owner: KubeObject;
}

/** Creates one pod per template, with names of their own; see {@link createMadePods}. */
export async function createPods(batch: PodBatch, templates: readonly PodTemplate[]): Promise<void> {
  await createMadePods(
    batch,
    templates.map((template) => podFromTemplate(batch.owner, template, batch.random)),
  );
}

/**
 * Creates pods, in waves that double from one: when the first is refused (a quota, a bad template) the rest is
 * not tried. Rejects with the first refusal.
 */
export async function createMadePods(batch: PodBatch, pods: readonly Pod[]): Promise<void> {
  batch.expectations.expectCreations(batch.key, pods.length);
  let done = 0;
  for (let wave = 1; done < pods.length; wave *= 2) {
    const part = pods.slice(done, done + wave);
    const results = await Promise.allSettled(part.map((pod) => createPod(batch, pod)));
    done += part.length;
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) continue;
    for (let i = done; i < pods.length; i++) batch.expectations.creationFailed(batch.key);
    throw failed.reason;
  }
}

async function createPod(batch: PodBatch, pod: Pod): Promise<void> {
  try {
    await batch.kube.create<Pod>(RESOURCES.pods, pod);
  } catch (error) {
    batch.expectations.creationFailed(batch.key);
    const detail = error instanceof Error ? error.message : String(error);
    // A namespace on its way out refuses everything; its end needs no event.
    if (refusedStatus(error) !== 404) tell(batch, "Warning", "FailedCreate", `Error creating: ${detail}`);
    throw error;
  }
  tell(batch, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
}

export async function deletePods(batch: PodBatch, pods: readonly Pod[]): Promise<void> {
  batch.expectations.expectDeletions(
    batch.key,
    pods.map((pod) => pod.metadata.uid ?? ""),
  );
  const results = await Promise.allSettled(pods.map((pod) => deletePod(batch, pod)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function deletePod(batch: PodBatch, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  try {
    await batch.kube.delete(RESOURCES.pods, name, namespace, uid === undefined ? {} : { uid });
  } catch (error) {
    batch.expectations.deletionFailed(batch.key, uid ?? "");
    if (isNoLongerThere(error)) return;
    throw error;
  }
  tell(batch, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
}

function tell(batch: PodBatch, type: "Normal" | "Warning", reason: string, message: string): void {
  void batch.events.record(batch.owner, { type, reason, message });
}
