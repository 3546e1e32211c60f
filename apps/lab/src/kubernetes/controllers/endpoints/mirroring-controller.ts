import { splitKey } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, keyOwners, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { isMirrored, mirroredSlices } from "./mirror-endpoints.ts";
import { writeSlices } from "./write-slices.ts";

/** Shows Endpoints that somebody writes by hand for a service without a selector as slices. The slices go with their Endpoints. */
export function startMirroringController(ports: ControllerPorts, view: ClusterView): Controller {
  return runController(ports, {
    name: "endpoints-mirroring",
    turn: async (key) => {
      const { name, namespace } = splitKey(key);
      const endpoints = view.endpoints.get(name, namespace);
      if (endpoints === undefined || endpoints.metadata.deletionTimestamp !== undefined) return;
      const service = view.services.get(name, namespace);
      const isTheirs = service !== undefined && Object.keys(service.spec.selector ?? {}).length === 0 && isMirrored(endpoints);
      await writeSlices(ports, view, endpoints.metadata.uid ?? "", isTheirs ? mirroredSlices(endpoints) : []);
    },
    sources: (queue) => [
      keyEachObject(view.endpoints, queue),
      keyEachObject(view.services, queue),
      keyOwners(view.endpointSlices, queue, "Endpoints"),
    ],
  });
}
