import { aggregatedDiscovery, groupList, groupOf, groupsOf, resourceList } from "../discovery/discovery.ts";
import { openApiIndex, openApiText } from "../discovery/open-api.ts";
import { VERSION_INFO } from "../discovery/version.ts";
import { acceptedForm } from "./accepted-form.ts";
import type { Serving } from "./api-call.ts";
import { respondJson, respondText } from "./respond.ts";

const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const HEALTH = new Set(["/healthz", "/livez", "/readyz"]);
const OPEN_PATHS = new Set([...HEALTH, "/version", "/.well-known/openid-configuration", "/openid/v1/jwks"]);

/** Whether anyone may read this path, known or not. */
export function isOpenPath(path: string): boolean {
  return OPEN_PATHS.has(path.replace(/\/$/, ""));
}

/** Answers what is about the server itself: health, version, discovery, API description. `undefined` for any other path. */
export async function serveMeta(serving: Serving, request: Request, path: string): Promise<Response | undefined> {
  const plain = path.length > 1 ? path.replace(/\/$/, "") : path;
  const definitions = serving.cluster.registry.all();
  if (HEALTH.has(plain)) return respondText("ok");
  switch (plain) {
    case "/version":
      return respondJson(VERSION_INFO);
    case "/":
      return respondJson({ paths: ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"] });
    case "/.well-known/openid-configuration":
      return respondJson(openIdConfiguration(serving));
    case "/openid/v1/jwks":
      return respondJson(await serving.signingKeys.keySet(), { contentType: "application/jwk-set+json" });
    case "/openapi/v3":
      return respondJson(openApiIndex(definitions));
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

function wantsAggregated(request: Request): boolean {
  return acceptedForm(request.headers.get("accept")) === "aggregated-discovery";
}

function serveGroup(serving: Serving, path: string): Response | undefined {
  const definitions = serving.cluster.registry.all();
  const parts = path.split("/").slice(1);
  const [root, first = "", second] = parts;
  if (root === "openapi" && first === "v3") {
    const text = openApiText(definitions, parts.slice(2).join("/"));
    return text === undefined ? undefined : new Response(text, { headers: { "content-type": "application/json" } });
  }
  if (root === "api" && parts.length === 2) return found(resourceList(definitions, "", first));
  if (root !== "apis" || parts.length > 3) return undefined;
  if (second !== undefined) return found(resourceList(definitions, first, second));
  const versions = groupsOf(definitions).get(first);
  return versions === undefined ? undefined : respondJson({ kind: "APIGroup", apiVersion: "v1", ...(groupOf(first, versions) as object) });
}

function found(body: unknown): Response | undefined {
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
