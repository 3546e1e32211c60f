import { RESOURCES } from "@slash28/kube";
import type { Kube, KubeObject, WatchEvent } from "@slash28/ports";

interface PodObject extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

/** When the pods of a namespace were first seen scheduled and Running, in the clock's milliseconds. */
export interface PodProgress {
  readonly scheduled: ReadonlyMap<string, number>;
  readonly running: ReadonlyMap<string, number>;
}

/** Notes one event of a watch. */
export function notePod(
  progress: { readonly scheduled: Map<string, number>; readonly running: Map<string, number> },
  event: WatchEvent<PodObject>,
  now: number,
): void {
  if (event.type === "BOOKMARK" || event.type === "DELETED") return;
  const { metadata, spec, status } = event.object;
  if (spec.nodeName !== undefined && !progress.scheduled.has(metadata.name)) progress.scheduled.set(metadata.name, now);
  if (status?.phase === "Running" && !progress.running.has(metadata.name)) progress.running.set(metadata.name, now);
}

/** Watches the default namespace's pods, starts them with `begin`, and ends when `count` of them run. Rejects after `timeoutMs`. */
export async function untilRunning(kube: Kube, count: number, begin: () => Promise<unknown>, timeoutMs: number): Promise<PodProgress> {
  const progress = { scheduled: new Map<string, number>(), running: new Map<string, number>() };
  const over = new AbortController();
  const late = setTimeout(() => over.abort(), timeoutMs);
  try {
    const { resourceVersion } = await kube.list(RESOURCES.pods, { namespace: "default" });
    const events = kube.watch<PodObject>(RESOURCES.pods, resourceVersion, { namespace: "default", signal: over.signal });
    const begun = begin();
    for await (const event of events) {
      notePod(progress, event, performance.now());
      if (progress.running.size >= count) break;
    }
    await begun;
  } finally {
    clearTimeout(late);
    over.abort();
  }
  if (progress.running.size < count) throw new Error(`${progress.running.size} of ${count} pods were Running after ${timeoutMs / 1_000} s`);
  return progress;
}
