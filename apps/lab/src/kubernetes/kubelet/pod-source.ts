import type { Pod } from "./pod.ts";

export type PodEvent =
  /** Seen for the first time, or changed. */
  | { readonly type: "seen"; readonly pod: Pod }
  /** No longer in the API. */
  | { readonly type: "gone"; readonly pod: Pod };

/** The pods of every node, from one watch; each kubelet listens to its own node's. */
export interface PodSource {
  /** Calls back at once for the pods already known. Returns how to stop listening. */
  listen(nodeName: string, listener: (event: PodEvent) => void): () => void;
}
