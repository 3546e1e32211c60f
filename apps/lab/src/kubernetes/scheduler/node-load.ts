import type { Pod } from "../controllers/objects/index.ts";
import { hostPorts, podRequests } from "./requests.ts";
import type { Amounts } from "./requests.ts";

/** What the pods of one node take: amounts per resource (`pods` is their number) and ports of the node. */
export interface NodeLoad {
  readonly amounts: Amounts;
  readonly hostPorts: ReadonlySet<string>;
}

/** Loads per node, kept up as pods come and go. A finished pod takes nothing; one on its way out still does. */
export class LoadBook {
  readonly #loads = new Map<string, { amounts: Map<string, number>; hostPorts: Set<string> }>();
  readonly #counted = new Map<string, { readonly node: string; readonly pod: Pod }>();

  get loads(): ReadonlyMap<string, NodeLoad> {
    return this.#loads;
  }

  /** Notes a pod as running on `node`, wherever it was noted before. */
  put(pod: Pod, node: string): void {
    const uid = pod.metadata.uid ?? "";
    if (this.#counted.get(uid)?.node === node) return;
    this.remove(pod);
    this.#counted.set(uid, { node, pod });
    const load = this.#loads.get(node) ?? { amounts: new Map<string, number>(), hostPorts: new Set<string>() };
    this.#loads.set(node, load);
    for (const [name, amount] of podRequests(pod.spec)) load.amounts.set(name, (load.amounts.get(name) ?? 0) + amount);
    for (const port of hostPorts(pod.spec)) load.hostPorts.add(port);
  }

  remove(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    const counted = this.#counted.get(uid);
    if (counted === undefined) return;
    this.#counted.delete(uid);
    const load = this.#loads.get(counted.node);
    for (const [name, amount] of podRequests(counted.pod.spec)) {
      load?.amounts.set(name, (load.amounts.get(name) ?? 0) - amount);
    }
    for (const port of hostPorts(counted.pod.spec)) load?.hostPorts.delete(port);
  }
}
