import { RESOURCES, objectKey, splitKey } from "@slash28/kube";
import type { ClusterView, ControllerPorts } from "../cluster-view.ts";
import { keyEachObject, keyOwners, runController } from "../controller.ts";
import type { Controller } from "../controller.ts";
import { createUnlessThere } from "../create-unless-there.ts";
import { matchesLabels, sameJson } from "../objects/index.ts";
import type { Endpoints, Pod, Service } from "../objects/index.ts";
import { endpointsFor, endpointSlicesFor } from "./endpoint-slices.ts";
import { writeSlices } from "./write-slices.ts";

/** Keeps the endpoints of every service with a selector: slices, and the older Endpoints. Services without one are left to whoever made them. */
export function startEndpointsController(ports: ControllerPorts, view: ClusterView): Controller {
  return runController(ports, {
    name: "endpoints",
    turn: (key) => turnService(ports, view, key),
    sources: (queue) => [
      keyEachObject(view.services, queue),
      keyOwners(view.endpointSlices, queue, "Service"),
      view.pods.onChange((change) => {
        const sides = change.type === "updated" ? [change.before, change.object] : [change.object];
        if (change.type === "updated" && sameJson(backingFields(change.before), backingFields(change.object))) return;
        for (const service of view.services.list()) {
          if (sides.some((pod) => selects(service, pod))) queue.add(objectKey(service));
        }
      }),
    ],
  });
}

/** What of a pod shows in endpoints. */
function backingFields({ metadata, spec, status }: Pod): unknown {
  const ready = status?.conditions?.find((condition) => condition.type === "Ready")?.status;
  return [metadata.labels, metadata.deletionTimestamp, spec.nodeName, status?.podIP, status?.podIPs, status?.phase, ready];
}

function selects(service: Service, pod: Pod): boolean {
  const { selector } = service.spec;
  if (selector === undefined || Object.keys(selector).length === 0) return false;
  return service.metadata.namespace === pod.metadata.namespace && matchesLabels(selector, pod.metadata.labels);
}

async function turnService(ports: ControllerPorts, view: ClusterView, key: string): Promise<void> {
  const { name, namespace } = splitKey(key);
  const service = view.services.get(name, namespace);
  if (service === undefined) {
    // Slices go with their owner; Endpoints have none and share the service's name.
    if (view.endpoints.get(name, namespace) !== undefined) await ports.kube.delete(RESOURCES.endpoints, name, namespace);
    return;
  }
  if (Object.keys(service.spec.selector ?? {}).length === 0 || service.metadata.deletionTimestamp !== undefined) return;
  const observed = { service, pods: view.pods.byIndex("namespace", namespace ?? ""), zoneOf: (node: string) => view.nodes.get(node) };
  await writeSlices(ports, view, service.metadata.uid ?? "", endpointSlicesFor(observed));
  await writeEndpoints(ports, view, endpointsFor(observed));
}

async function writeEndpoints(ports: ControllerPorts, view: ClusterView, wanted: Endpoints): Promise<void> {
  const before = view.endpoints.get(wanted.metadata.name, wanted.metadata.namespace);
  if (before === undefined) await createUnlessThere(() => ports.kube.create(RESOURCES.endpoints, wanted));
  if (before === undefined || sameJson(before.subsets ?? [], wanted.subsets ?? [])) return;
  await ports.kube.update<Endpoints>(RESOURCES.endpoints, { ...wanted, metadata: { ...before.metadata, ...wanted.metadata } });
}
