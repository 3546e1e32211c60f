import { aggregatedDiscovery, groupList, groupOf, groupsOf, resourceList } from "../discovery/discovery.ts";
import { openApiIndex, openApiText } from "../discovery/open-api.ts";
import { OPEN_API_V2_PROTOBUF, OPEN_API_V2_SENT_AS, openApiV2, openApiV2Protobuf } from "../discovery/open-api-v2.ts";
import { readDescriptions } from "../discovery/type-schemas.ts";
import type { ResourceDefinition } from "../resources/resource-definition.ts";
import { VERSION_INFO } from "../discovery/version.ts";
import { acceptedForm } from "./accepted-form.ts";
import type { Serving } from "./api-call.ts";
import type { ApiRequest, Reply } from "./exchange.ts";
import { respondJson, respondText } from "./respond.ts";

const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const HEALTH = new Set(["/healthz", "/livez", "/readyz"]);
const OPEN_PATHS = new Set([...HEALTH, "/version", "/.well-known/openid-configuration", "/openid/v1/jwks"]);

/** Whether anyone may read this path, known or not. */
export function isOpenPath(path: string): boolean {
  return OPEN_PATHS.has(path.replace(/\/$/, ""));
}

/** Answers what is about the server itself: health, version, discovery, API description. `undefined` for any other path. */
export async function serveMeta(serving: Serving, request: ApiRequest, path: string): Promise<Reply | undefined> {
  const plain = path.length > 1 ? path.replace(/\/$/, "") : path;
  const definitions = serving.cluster.registry.all();
  if (HEALTH.has(plain)) return respondText("ok");
  switch (plain) {
    case "/version":
      return respondJson(VERSION_INFO);
    case "/":
      return respondJson({
        paths: ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"],
      });
    case "/.well-known/openid-configuration":
      return respondJson(openIdConfiguration(serving));
    case "/openid/v1/jwks":
      return respondJson(await serving.signingKeys.keySet(), { contentType: "application/jwk-set+json" });
    case "/openapi/v3":
      return respondJson(openApiIndex(definitions));
    case "/openapi/v2":
      return serveOpenApiV2(definitions, request);
    case "/api":
      if (wantsAggregated(request)) return respondJson(aggregatedDiscovery(definitions, "core"), { contentType: AGGREGATED_TYPE });
      return respondJson({ kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] });
    case "/apis":
      if (wantsAggregated(request)) return respondJson(aggregatedDiscovery(definitions, "groups"), { contentType: AGGREGATED_TYPE });
      return respondJson(groupList(definitions));
    default:
      return serveGroup(serving, plain);
  }
}

function wantsAggregated(request: ApiRequest): boolean {
  return acceptedForm(request.headers["accept"]) === "aggregated-discovery";
}

async function serveGroup(serving: Serving, path: string): Promise<Reply | undefined> {
  const definitions = serving.cluster.registry.all();
  const parts = path.split("/").slice(1);
  const [root, first = "", second] = parts;
  if (root === "openapi" && first === "v3") return serveOpenApi(definitions, parts.slice(2).join("/"));
  if (root === "api" && parts.length === 2) return found(resourceList(definitions, "", first));
  if (root !== "apis" || first === "" || parts.length > 3) return undefined;
  if (second !== undefined) return found(resourceList(definitions, first, second));
  const versions = groupsOf(definitions).get(first);
  return versions === undefined ? undefined : respondJson({ kind: "APIGroup", apiVersion: "v1", ...(groupOf(first, versions) as object) });
}

async function serveOpenApi(definitions: readonly ResourceDefinition[], path: string): Promise<Reply | undefined> {
  const found = openApiText(definitions, path, await readDescriptions());
  if (found === undefined) return undefined;
  const headers = { "content-type": "application/json", etag: `"${found.hash}"` };
  return { status: 200, headers, body: { kind: "whole", content: found.text } };
}

async function serveOpenApiV2(definitions: readonly ResourceDefinition[], request: ApiRequest): Promise<Reply> {
  const document = openApiV2(definitions, await readDescriptions());
  const wanted = (request.headers["accept"] ?? "").split(",").map((one) => one.trim());
  if (!wanted.includes(OPEN_API_V2_PROTOBUF)) return respondJson(document);
  const content = openApiV2Protobuf(document);
  return { status: 200, headers: { "content-type": OPEN_API_V2_SENT_AS }, body: { kind: "whole", content } };
}

function found(body: unknown): Reply | undefined {
  return body === undefined ? undefined : respondJson(body);
}

function openIdConfiguration(serving: Serving): unknown {
  const { issuer } = serving.tokens;
  return {
    issuer,
    jwks_uri: serving.keySetUrl,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    claims_supported: ["sub", "iss"],
  };
}
