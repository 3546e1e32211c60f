import type { ApiConnection } from "../api-connection.ts";
import type { PodEvent, PodSource } from "./pod-source.ts";

/** The pods as a kubelet hears of them over its way to the API: what happens while that is cut, it hears of once it is mended. */
export function podsOver(pods: PodSource, connection: ApiConnection): PodSource {
  return {
    listen(nodeName, listener) {
      /** The last event of each pod, in the order they came first. */
      const missed = new Map<string, PodEvent>();
      const unlisten = pods.listen(nodeName, (event) => {
        if (connection.isCut) missed.set(event.pod.metadata.uid ?? "", event);
        else listener(event);
      });
      const unwatch = connection.onChange((isCut) => {
        if (isCut) return;
        const events = [...missed.values()];
        missed.clear();
        for (const event of events) listener(event);
      });
      return () => {
        unlisten();
        unwatch();
      };
    },
    stop: () => pods.stop(),
  };
}
