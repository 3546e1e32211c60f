import { at, listOf, numberOf, textOf, type KubeObject, type Store } from "@slash28/kube-store";

import type { PodEndpoint } from "../face.ts";
import type { WebhookPlace } from "./webhook.ts";

type Service = Extract<WebhookPlace, { readonly kind: "service" }>;

/** The first ready endpoint of a service's port; `why` as kubectl users know it. */
export function endpointOf(store: Store, { namespace, name, port }: Service): PodEndpoint | { readonly why: string } {
  const service = store.get("services", { name, namespace });
  if (service === undefined) return { why: `service ${JSON.stringify(name)} not found` };
  const found = listOf(at(service, "spec", "ports")).find((one) => at(one, "port") === port);
  if (found === undefined) return { why: `no service port ${port} found for service ${JSON.stringify(name)}` };
  const portName = textOf(at(found, "name")) ?? "";
  const slices = store
    .list("endpointslices.discovery.k8s.io", namespace)
    .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
  for (const slice of slices) {
    const endpoint = readyEndpoint(slice, portName);
    if (endpoint !== undefined) return endpoint;
  }
  return { why: `no endpoints available for service ${JSON.stringify(name)}` };
}

function readyEndpoint(slice: KubeObject, portName: string): PodEndpoint | undefined {
  const port = numberOf(
    at(
      listOf(slice["ports"]).find((one) => (textOf(at(one, "name")) ?? "") === portName),
      "port",
    ),
  );
  const ready = listOf(slice["endpoints"]).find(
    (one) => at(one, "conditions", "ready") !== false && listOf(at(one, "addresses")).length > 0,
  );
  const address = textOf(listOf(at(ready, "addresses"))[0]);
  return port === undefined || address === undefined ? undefined : { address, port, nodeName: textOf(at(ready, "nodeName")) };
}
