import { createHash } from "node:crypto";

import { fieldsOf, type Fields } from "@slash28/kube-store";

import { typeNameOf } from "../types/known-types.ts";
import { apiVersionOf, type ResourceDefinition } from "../resources/resource-definition.ts";
import { groupsOf } from "./discovery.ts";
import { collectSchemas, schemaNameOf, type Descriptions } from "./type-schemas.ts";

/** Path of a group and version: `api/v1`, `apis/apps/v1`. */
function pathOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** What one group and version serves. */
interface Served {
  readonly definitions: readonly ResourceDefinition[];
  readonly hash: string;
}

/** Worked out once for each set of served types. */
const cache = new WeakMap<readonly ResourceDefinition[], ReadonlyMap<string, Served>>();

function servedBy(definitions: readonly ResourceDefinition[]): ReadonlyMap<string, Served> {
  const known = cache.get(definitions);
  if (known !== undefined) return known;
  const served = new Map<string, Served>();
  for (const [group, versions] of groupsOf(definitions)) {
    for (const version of versions) {
      const own = definitions.filter((one) => one.group === group && one.version === version);
      // Built-in types are what their names say; custom ones are what their definitions say.
      const hash = createHash("sha512").update(JSON.stringify(own)).digest("hex").toUpperCase();
      served.set(pathOf(group, version), { definitions: own, hash });
    }
  }
  cache.set(definitions, served);
  return served;
}

/** `/openapi/v3`: where the description of each group and version is, with a hash that changes when it does. */
export function openApiIndex(definitions: readonly ResourceDefinition[]): unknown {
  const paths = [...servedBy(definitions)].map(([path, { hash }]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]);
  return { paths: Object.fromEntries(paths) };
}

export interface OpenApiText {
  readonly text: string;
  readonly hash: string;
}

/** `/openapi/v3/<path>`: JSON text of what one group and version serves; `undefined` when it serves nothing. */
export function openApiText(definitions: readonly ResourceDefinition[], path: string, descriptions: Descriptions): OpenApiText | undefined {
  const served = servedBy(definitions).get(path);
  return served === undefined ? undefined : { text: JSON.stringify(describe(served.definitions, descriptions)), hash: served.hash };
}

/** The schemas of these types and of all they consist of, by name. */
export function collectComponents(own: readonly ResourceDefinition[], descriptions: Descriptions): ReadonlyMap<string, unknown> {
  const schemas = new Map<string, unknown>();
  for (const definition of own) addSchema(definition, schemas, descriptions);
  return schemas;
}

function describe(own: readonly ResourceDefinition[], descriptions: Descriptions): unknown {
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.35" },
    paths: Object.fromEntries(own.map((definition) => [objectPath(definition), pathItem(definition)])),
    components: { schemas: Object.fromEntries(collectComponents(own, descriptions)) },
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
      requestBody: { content: Object.fromEntries(patchTypes(definition).map((type) => [type, { schema: open }])) },
      responses,
      "x-kubernetes-action": "patch",
      ...identity,
    },
  };
}

function patchTypes({ custom }: ResourceDefinition): readonly string[] {
  const every = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];
  return custom === undefined ? [...every, "application/strategic-merge-patch+json"] : every;
}

const OBJECT_META = "meta.v1.ObjectMeta";
const OWN_FIELDS = {
  apiVersion: {
    type: "string",
    description:
      "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources",
  },
  kind: {
    type: "string",
    description:
      "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds",
  },
};

function addSchema(definition: ResourceDefinition, schemas: Map<string, unknown>, descriptions: Descriptions): void {
  const identity = { "x-kubernetes-group-version-kind": [kindOf(definition)] };
  const collected = new Map<string, Fields>();
  const builtin = definition.custom === undefined ? typeNameOf(apiVersionOf(definition), definition.kind) : undefined;
  collectSchemas(builtin ?? OBJECT_META, collected, descriptions);
  for (const [name, schema] of collected) if (!schemas.has(name)) schemas.set(name, schema);
  const name = schemaName(definition);
  const own = builtin === undefined ? (definition.custom?.schema ?? {}) : (collected.get(name) ?? {});
  const metadata = { allOf: [{ $ref: `#/components/schemas/${schemaNameOf(OBJECT_META)}` }] };
  const properties = builtin === undefined ? { ...fieldsOf(own["properties"]), metadata } : fieldsOf(own["properties"]);
  schemas.set(name, { ...own, type: "object", properties: { ...OWN_FIELDS, ...properties }, ...identity });
}
