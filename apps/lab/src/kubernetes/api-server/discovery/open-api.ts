import { createHash } from "node:crypto";

import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { groupsOf } from "./discovery.ts";

/** Path of a group and version: `api/v1`, `apis/apps/v1`. */
function pathOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** `/openapi/v3`: where the description of each group and version is, with a hash that changes when it does. */
export function openApiIndex(definitions: readonly ResourceDefinition[]): unknown {
  const paths: Record<string, unknown> = {};
  for (const [group, versions] of groupsOf(definitions)) {
    for (const version of versions) {
      const path = pathOf(group, version);
      const hash = createHash("sha256")
        .update(JSON.stringify(openApiOf(definitions, path)))
        .digest("hex")
        .toUpperCase();
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
  }
  return { paths };
}

/** `/openapi/v3/<path>`: what one group and version serves; `undefined` when it serves nothing. */
export function openApiOf(definitions: readonly ResourceDefinition[], path: string): unknown {
  const own = definitions.filter((definition) => pathOf(definition.group, definition.version) === path);
  if (own.length === 0) return undefined;
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "unversioned" },
    paths: Object.fromEntries(own.map((definition) => [objectPath(definition), pathItem(definition)])),
    components: { schemas: Object.fromEntries(own.map((definition) => [schemaName(definition), schemaFor(definition)])) },
  };
}

function objectPath(definition: ResourceDefinition): string {
  const root = pathOf(definition.group, definition.version);
  return definition.isNamespaced ? `/${root}/namespaces/{namespace}/${definition.plural}/{name}` : `/${root}/${definition.plural}/{name}`;
}

/** The name of a type's schema: the group's domain turned round, as upstream writes it for custom resources. */
function schemaName(definition: ResourceDefinition): string {
  const group = definition.group === "" ? "io.k8s.api.core" : definition.group.split(".").toReversed().join(".");
  return `${group}.${definition.version}.${definition.kind}`;
}

const FIELD_VALIDATION = {
  name: "fieldValidation",
  in: "query",
  description: "What becomes of fields that the type does not have: Ignore, Warn or Strict.",
  schema: { type: "string", uniqueItems: true },
};

const DRY_RUN = {
  name: "dryRun",
  in: "query",
  description: "All: do everything but store.",
  schema: { type: "string", uniqueItems: true },
};

function kindOf(definition: ResourceDefinition): { readonly group: string; readonly version: string; readonly kind: string } {
  return { group: definition.group, version: definition.version, kind: definition.kind };
}

function pathItem(definition: ResourceDefinition): unknown {
  const schema = { $ref: `#/components/schemas/${schemaName(definition)}` };
  const responses = { "200": { description: "OK", content: { "application/json": { schema } } } };
  const identity = { "x-kubernetes-group-version-kind": kindOf(definition) };
  const parameters = [DRY_RUN, FIELD_VALIDATION];
  const open = { type: "object" };
  return {
    get: { operationId: `read${definition.kind}`, responses, "x-kubernetes-action": "get", ...identity },
    put: {
      operationId: `replace${definition.kind}`,
      parameters,
      requestBody: { content: { "application/json": { schema } } },
      responses,
      "x-kubernetes-action": "put",
      ...identity,
    },
    patch: {
      operationId: `patch${definition.kind}`,
      parameters,
      // Strategic merge is served for built-in types but not announced: its merge keys are not part of these schemas, and a
      // client that finds it here would work out patches from them.
      requestBody: { content: { "application/json-patch+json": { schema: open }, "application/merge-patch+json": { schema: open } } },
      responses,
      "x-kubernetes-action": "patch",
      ...identity,
    },
  };
}

function schemaFor(definition: ResourceDefinition): unknown {
  const identity = { "x-kubernetes-group-version-kind": [kindOf(definition)] };
  const common = {
    apiVersion: { type: "string", description: `Always ${apiVersionOf(definition)}.` },
    kind: { type: "string", description: `Always ${definition.kind}.` },
    metadata: { type: "object", description: "Name, namespace, labels, annotations and what the server keeps about the object." },
  };
  const custom = definition.custom?.schema;
  if (custom === undefined) return { type: "object", properties: common, ...identity };
  return { ...custom, properties: { ...(custom["properties"] as object | undefined), ...common }, ...identity };
}
