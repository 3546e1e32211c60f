import { createWorkQueue, objectKey } from "@slash28/kube";
import type { Informer, ObjectChange, WorkQueue, WorkQueueOptions } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import type { ControllerPorts } from "./cluster-view.ts";
import { controllerOf, matchesSelector } from "./objects/index.ts";
import type { LabelSelector, Pod } from "./objects/index.ts";

/** One running loop: keys come from changes, one turn per key at a time. */
export interface Controller {
  stop(): Promise<void>;
}

export interface ControllerParts {
  readonly name: string;
  readonly turn: WorkQueueOptions["work"];
  /** Connects informers to the queue; each result ends one connection. */
  readonly sources: (queue: WorkQueue) => readonly (() => void)[];
}

export function runController(ports: ControllerPorts, parts: ControllerParts): Controller {
  const queue = createWorkQueue({ ...ports, log: ports.log.child({ controller: parts.name }), work: parts.turn });
  const sources = parts.sources(queue);
  return {
    async stop() {
      for (const disconnect of sources) disconnect();
      await queue.stop();
    },
  };
}

/** Every change of an object is a turn for itself. */
export function keyEachObject<T extends KubeObject>(informer: Informer<T>, queue: WorkQueue): () => void {
  return informer.onChange((change) => queue.add(objectKey(change.object)));
}

/** Every change of an object is a turn for the controller of this kind that owns it, before and after. */
export function keyOwners<T extends KubeObject>(
  informer: Informer<T>,
  queue: WorkQueue,
  kind: string,
  onChange?: (key: string, change: ObjectChange<T>) => void,
): () => void {
  return informer.onChange((change) => {
    const sides = change.type === "updated" ? [change.before, change.object] : [change.object];
    const keys = new Set<string>();
    for (const side of sides) {
      const owner = controllerOf(side);
      if (owner?.kind === kind) keys.add(`${side.metadata.namespace ?? ""}/${owner.name}`);
    }
    for (const key of keys) {
      onChange?.(key, change);
      queue.add(key);
    }
  });
}

/** Every change of a pod that nobody owns is a turn for each set of its namespace that selects it: one of them may take it on. */
export function keySelectors<T extends KubeObject & { readonly spec: { readonly selector: LabelSelector } }>(
  pods: Informer<Pod>,
  queue: WorkQueue,
  sets: Informer<T>,
): () => void {
  return pods.onChange(({ object: pod }) => {
    if (controllerOf(pod) !== undefined) return;
    for (const set of sets.list()) {
      if (set.metadata.namespace === pod.metadata.namespace && matchesSelector(set.spec.selector, pod.metadata.labels)) {
        queue.add(objectKey(set));
      }
    }
  });
}
