import type { Kube, KubeObject, KubeResource } from "@slash28/ports";

/** A client whose lists and watches keep of each object only what `trim` leaves: a server that follows a whole cluster must stay small. */
export function trimmedKube(kube: Kube, trim: (object: KubeObject) => KubeObject): Kube {
  return {
    ...kube,
    async list<T extends KubeObject>(resource: KubeResource, options?: Parameters<Kube["list"]>[1]) {
      const listed = await kube.list<T>(resource, options);
      return { ...listed, items: listed.items.map((item) => trim(item) as T) };
    },
    async *watch<T extends KubeObject>(resource: KubeResource, resourceVersion: string, options?: Parameters<Kube["watch"]>[2]) {
      for await (const event of kube.watch<T>(resource, resourceVersion, options)) {
        yield event.type === "BOOKMARK" ? event : { ...event, object: trim(event.object) as T };
      }
    },
  };
}
