import { createHash } from "node:crypto";

import { fieldsOf } from "@slash28/kube-store";

import { typeNameOf } from "../types/known-types.ts";
import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { groupsOf } from "./discovery.ts";
import { collectSchemas, schemaNameOf } from "./type-schemas.ts";

/** Path of a group and version: `api/v1`, `apis/apps/v1`. */
function pathOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

interface Document {
  readonly text: string;
  readonly hash: string;
}

/** Descriptions are worked out once for each set of served types. */
const cache = new WeakMap<readonly ResourceDefinition[], Map<string, Document>>();

function documentsOf(definitions: readonly ResourceDefinition[]): ReadonlyMap<string, Document> {
  const known = cache.get(definitions);
  if (known !== undefined) return known;
  const documents = new Map<string, Document>();
  for (const [group, versions] of groupsOf(definitions)) {
    for (const version of versions) {
      const text = JSON.stringify(describe(definitions.filter((one) => one.group === group && one.version === version)));
      documents.set(pathOf(group, version), { text, hash: createHash("sha256").update(text).digest("hex").toUpperCase() });
    }
  }
  cache.set(definitions, documents);
  return documents;
}

/** `/openapi/v3`: where the description of each group and version is, with a hash that changes when it does. */
export function openApiIndex(definitions: readonly ResourceDefinition[]): unknown {
  const paths = [...documentsOf(definitions)].map(([path, { hash }]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]);
  return { paths: Object.fromEntries(paths) };
}

/** `/openapi/v3/<path>`: JSON text of what one group and version serves; `undefined` when it serves nothing. */
export function openApiText(definitions: readonly ResourceDefinition[], path: string): string | undefined {
  return documentsOf(definitions).get(path)?.text;
}

function describe(own: readonly ResourceDefinition[]): unknown {
  const schemas = new Map<string, unknown>();
  for (const definition of own) addSchema(definition, schemas);
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "unversioned" },
    paths: Object.fromEntries(own.map((definition) => [objectPath(definition), pathItem(definition)])),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function objectPath(definition: ResourceDefinition): string {
  const root = pathOf(definition.group, definition.version);
  return definition.isNamespaced ? `/${root}/namespaces/{namespace}/${definition.plural}/{name}` : `/${root}/${definition.plural}/{name}`;
}

/** The name of a type's schema; for custom ones the group's domain turned round, as upstream writes it. */
function schemaName(definition: ResourceDefinition): string {
  const builtin = typeNameOf(apiVersionOf(definition), definition.kind);
  if (definition.custom === undefined && builtin !== undefined) return schemaNameOf(builtin);
  return `${definition.group.split(".").toReversed().join(".")}.${definition.version}.${definition.kind}`;
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

const OBJECT_META = "meta.v1.ObjectMeta";

function addSchema(definition: ResourceDefinition, schemas: Map<string, unknown>): void {
  const identity = { "x-kubernetes-group-version-kind": [kindOf(definition)] };
  const own = { apiVersion: { type: "string" }, kind: { type: "string" } };
  const collected = new Map<string, Readonly<Record<string, unknown>>>();
  const builtin = definition.custom === undefined ? typeNameOf(apiVersionOf(definition), definition.kind) : undefined;
  collectSchemas(builtin ?? OBJECT_META, collected);
  for (const [name, schema] of collected) if (!schemas.has(name)) schemas.set(name, schema);
  const name = schemaName(definition);
  const custom = definition.custom?.schema ?? {};
  const metadata = { allOf: [{ $ref: `#/components/schemas/${schemaNameOf(OBJECT_META)}` }] };
  const properties =
    builtin === undefined ? { ...fieldsOf(custom["properties"]), metadata } : fieldsOf(collected.get(name)?.["properties"]);
  schemas.set(name, { ...custom, type: "object", properties: { ...own, ...properties }, ...identity });
}
