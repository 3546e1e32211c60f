import type { Fields, KubeObject } from "@slash28/kube-store";

import type { Listed } from "../operations/read-objects.ts";
import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { tableViewOf } from "../tables/table-views.ts";
import { tableOf, type IncludeObject } from "../tables/table.ts";
import type { AcceptedForm } from "./accepted-form.ts";

/** How one request wants its objects. */
export interface Showing {
  readonly form: AcceptedForm;
  readonly include: IncludeObject;
  readonly now: number;
}

export function includeOf(query: URLSearchParams): IncludeObject {
  const asked = query.get("includeObject");
  return asked === "Object" || asked === "None" ? asked : "Metadata";
}

export function showOne(definition: ResourceDefinition, object: KubeObject, showing: Showing): unknown {
  switch (showing.form) {
    case "table": {
      const table = tableOf(tableViewOf(definition), [object], showing.include, showing.now);
      return { ...table, metadata: { resourceVersion: object.metadata.resourceVersion } };
    }
    case "partial":
    case "partial-list":
      return partial(object);
    case "plain":
    case "aggregated-discovery":
      return object;
    default:
      return showing.form satisfies never;
  }
}

export function showList(definition: ResourceDefinition, listed: Listed, showing: Showing): Fields {
  const metadata = {
    resourceVersion: listed.resourceVersion,
    ...(listed.continueToken === undefined ? {} : { continue: listed.continueToken, remainingItemCount: listed.remainingItemCount }),
  };
  if (showing.form === "table") return { ...tableOf(tableViewOf(definition), listed.items, showing.include, showing.now), metadata };
  if (showing.form === "partial" || showing.form === "partial-list") {
    return { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata, items: listed.items.map(partial) };
  }
  return { kind: `${definition.kind}List`, apiVersion: apiVersionOf(definition), metadata, items: listed.items };
}

function partial(object: KubeObject): Fields {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

/** An event that carries no object, only how far the watch has come. */
export function showBookmark(definition: ResourceDefinition, resourceVersion: string, isInitialEnd: boolean, showing: Showing): unknown {
  const annotations = isInitialEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
  const metadata = { resourceVersion, creationTimestamp: null, ...annotations };
  if (showing.form === "table") {
    const row = { cells: [], object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata } };
    return { kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion }, columnDefinitions: [], rows: [row] };
  }
  return { kind: definition.kind, apiVersion: apiVersionOf(definition), metadata };
}
