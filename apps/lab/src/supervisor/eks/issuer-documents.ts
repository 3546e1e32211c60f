import type { ClusterRecord, EksState } from "@slash28/eks";
import { issuerUrl } from "../../aws/eks/index.ts";
import type { AwsService } from "../../aws/index.ts";
import type { ApiServer } from "../../kubernetes/api-server/index.ts";

export interface IssuerOptions {
  readonly region: string;
  readonly state: () => EksState;
  readonly apiOf: (cluster: string) => Pick<ApiServer, "handle"> | undefined;
}

/** The public part of every cluster's OIDC issuer: what IAM fetches to check a service account's token. */
export interface Issuers extends AwsService {
  /** The JSON at `https://oidc.eks.<region>.amazonaws.com/id/…`; rejects when no cluster of the lab has that address. */
  read(url: string): Promise<unknown>;
}

const DOCUMENT = /^\/id\/([0-9A-F]{32})\/(\.well-known\/openid-configuration|keys)$/;

export function createIssuers({ region, state, apiOf }: IssuerOptions): Issuers {
  const clusterOf = (issuerId: string): ClusterRecord | undefined =>
    Object.values(state().clusters).find((cluster) => cluster.issuerId === issuerId);

  const documentAt = async (path: string): Promise<unknown> => {
    const [, issuerId = "", kind] = DOCUMENT.exec(path) ?? [];
    const cluster = clusterOf(issuerId);
    const api = cluster === undefined ? undefined : apiOf(cluster.name);
    if (cluster === undefined || api === undefined) return undefined;
    if (kind !== "keys") return discovery(issuerUrl({ region }, cluster.issuerId));
    const keys = await api.handle(new Request("https://cluster/openid/v1/jwks"), undefined);
    return keys.ok ? keys.json() : undefined;
  };

  return {
    takes: (request) => DOCUMENT.test(new URL(request.url).pathname),
    async answer(request) {
      const found = request.method === "GET" ? await documentAt(new URL(request.url).pathname) : undefined;
      const headers = { "content-type": "application/json" };
      if (found === undefined) return new Response(JSON.stringify({ message: "Not Found" }), { status: 404, headers });
      return new Response(JSON.stringify(found), { headers });
    },
    async read(url) {
      const { host, pathname } = new URL(url);
      const found = host === `oidc.eks.${region}.amazonaws.com` ? await documentAt(pathname) : undefined;
      if (found === undefined) throw new Error(`nothing in the lab serves ${url}`);
      return found;
    },
  };
}

/** OpenID Connect Discovery 1.0, as far as EKS's issuers have it. */
function discovery(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/keys`,
    authorization_endpoint: "urn:kubernetes:programmatic_authorization",
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    claims_supported: ["sub", "iss"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}
