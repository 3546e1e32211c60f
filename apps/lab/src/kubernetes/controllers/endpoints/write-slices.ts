import { RESOURCES } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { createUnlessThere } from "../create-unless-there.ts";
import { sameJson } from "../objects/index.ts";
import type { EndpointSlice } from "../objects/index.ts";

/** Makes the slices of one owner be these. */
export async function writeSlices(
  ports: ControllerPorts,
  view: ClusterView,
  ownerUid: string,
  wanted: readonly EndpointSlice[],
): Promise<void> {
  const { kube } = ports;
  const there = view.endpointSlices.byIndex("owner", ownerUid);
  for (const slice of wanted) {
    const before = there.find((one) => one.metadata.name === slice.metadata.name);
    if (before === undefined) await createUnlessThere(() => kube.create(RESOURCES.endpointSlices, slice));
    else if (!isSameSlice(before, slice)) {
      await kube.update<EndpointSlice>(RESOURCES.endpointSlices, {
        ...before,
        ...slice,
        metadata: { ...before.metadata, ...slice.metadata },
      });
    }
  }
  for (const slice of there) {
    if (wanted.some((one) => one.metadata.name === slice.metadata.name)) continue;
    await kube.delete(RESOURCES.endpointSlices, slice.metadata.name, slice.metadata.namespace);
  }
}

function isSameSlice(a: EndpointSlice, b: EndpointSlice): boolean {
  return sameJson([a.endpoints ?? [], a.ports ?? [], a.metadata.labels], [b.endpoints ?? [], b.ports ?? [], b.metadata.labels]);
}
