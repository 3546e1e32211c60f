import type { Pod } from "../controllers/objects/index.ts";
import { antiAffinityTerms } from "./pod-terms.ts";
import { hostPorts, podRequests } from "./requests.ts";

/** What the pods of one node take. A finished pod takes nothing; one on its way out still does. */
export interface NodeLoad {
  /** Per resource, in base units. */
  readonly amounts: Map<string, number>;
  /** As `protocol/port`. */
  readonly hostPorts: Set<string>;
  /** By uid. */
  readonly pods: Map<string, Pod>;
  /** Those of them that keep others away. */
  readonly guarded: Map<string, Pod>;
}

/** Loads per node, kept up as pods come, change and go. */
export class LoadBook {
  readonly #loads = new Map<string, NodeLoad>();
  readonly #counted = new Map<string, { readonly node: string; readonly pod: Pod }>();

  get loads(): ReadonlyMap<string, NodeLoad> {
    return this.#loads;
  }

  /** Notes a pod as running on `node`, wherever it was noted before. */
  put(pod: Pod, node: string): void {
    const uid = pod.metadata.uid ?? "";
    const counted = this.#counted.get(uid);
    if (counted?.node === node && counted.pod === pod) return;
    this.remove(pod);
    this.#counted.set(uid, { node, pod });
    const load = this.#loads.get(node) ?? emptyLoad();
    this.#loads.set(node, load);
    addTo(load, pod);
  }

  remove(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    const counted = this.#counted.get(uid);
    if (counted === undefined) return;
    this.#counted.delete(uid);
    const load = this.#loads.get(counted.node);
    if (load === undefined) return;
    for (const [name, amount] of podRequests(counted.pod.spec)) load.amounts.set(name, (load.amounts.get(name) ?? 0) - amount);
    for (const port of hostPorts(counted.pod.spec)) load.hostPorts.delete(port);
    load.pods.delete(uid);
    load.guarded.delete(uid);
  }
}

export function emptyLoad(): NodeLoad {
  return { amounts: new Map(), hostPorts: new Set(), pods: new Map(), guarded: new Map() };
}

export function addTo(load: NodeLoad, pod: Pod): void {
  const uid = pod.metadata.uid ?? "";
  for (const [name, amount] of podRequests(pod.spec)) load.amounts.set(name, (load.amounts.get(name) ?? 0) + amount);
  for (const port of hostPorts(pod.spec)) load.hostPorts.add(port);
  load.pods.set(uid, pod);
  if (antiAffinityTerms(pod.spec).length > 0) load.guarded.set(uid, pod);
}
