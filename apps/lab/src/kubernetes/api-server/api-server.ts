import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";

import { cidr4, formatIpv4, offsetIpv4 } from "@slash28/address";
import { createStore } from "@slash28/kube-store";
import { Fault } from "@slash28/ports";

import { ServiceAddresses } from "./admission/service-addresses.ts";
import { createAuthority } from "./certificates/authority.ts";
import { kubeconfigText } from "./certificates/kubeconfig.ts";
import { ServiceAccountTokens } from "./certificates/service-account-tokens.ts";
import type { ApiServer, ApiServerOptions, Identity, IssuedToken, Listening, ServiceAccountName, TokenRequest } from "./face.ts";
import type { Serving } from "./http/api-call.ts";
import { handleRequest } from "./http/handle-request.ts";
import { startListener } from "./http/listener.ts";
import { createLocalKube } from "./local-kube.ts";
import { createFirstNamespaces, createKubernetesService, furnishNamespaces } from "./operations/birth-of-namespaces.ts";
import type { Cluster } from "./operations/cluster.ts";
import { finishContainers } from "./operations/empty-container.ts";
import { ResourceRegistry } from "./resources/resource-registry.ts";

const SERVICE_CIDR = cidr4("10.100.0.0/16");
const ISSUER = "https://kubernetes.default.svc";
const USUAL_NAMES = [
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
  "localhost",
  "127.0.0.1",
  "::1",
];

/** A Kubernetes API server in this process, with an empty cluster: the first namespaces and the `kubernetes` service. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, log, runtimeFor } = options;
  const serviceCidr = options.serviceCidr ?? SERVICE_CIDR;
  const serviceAddress = formatIpv4(offsetIpv4(serviceCidr.base, 1));
  const authority = await createAuthority(clock.now());
  const advertised = options.advertise === undefined ? [] : [formatIpv4(options.advertise.address)];
  const server = await authority.issueServer([...new Set([...USUAL_NAMES, serviceAddress, ...advertised, ...(options.names ?? [])])]);
  const admin = await authority.issueClient("kubernetes-admin", ["system:masters"]);
  const tokens = new ServiceAccountTokens(options.issuer ?? ISSUER, () => clock.now());
  const cluster = createCluster(options, serviceCidr);
  furnishNamespaces(cluster, authority.caPem);
  createFirstNamespaces(cluster);
  const { advertise } = options;
  createKubernetesService(cluster, {
    clusterIP: serviceAddress,
    ...(advertise === undefined ? {} : { to: { ip: formatIpv4(advertise.address), port: advertise.port } }),
  });
  const closing = new AbortController();
  // Every open watch listens for the end.
  setMaxListeners(0, closing.signal);
  const serving: Serving = { cluster, clock, log, tokens, runtimeFor, closing: closing.signal };
  const listeners = new Set<Listening>();
  const authenticate: ApiServer["authenticate"] = async (token) => tokens.identify(token) ?? (await identifyForeign(options, token));
  return {
    kube: createLocalKube(cluster),
    caPem: authority.caPem,
    handle: (request, identity) => handleRequest(serving, request, identity),
    async listen(target) {
      const listener = await startListener({ serving, server, caPem: authority.caPem, authenticate }, target);
      listeners.add(listener);
      return {
        ...listener,
        close: async () => {
          listeners.delete(listener);
          await listener.close();
        },
      };
    },
    kubeconfig: (url, contextName = "slash28") => kubeconfigText({ server: url, caPem: authority.caPem, client: admin, contextName }),
    issueToken: (account, request = {}) => issueToken(cluster, tokens, account, request),
    authenticate,
    async close() {
      closing.abort();
      await Promise.all([...listeners].map((listener) => listener.close()));
      listeners.clear();
    },
  };
}

/** A foreign token that cannot be looked into now is as good as an unknown one: its sender may come again. */
async function identifyForeign({ identifyToken, log }: ApiServerOptions, token: string): Promise<Identity | undefined> {
  try {
    return await identifyToken?.(token);
  } catch (cause) {
    log.warn("a bearer token could not be looked into", { detail: cause instanceof Error ? cause.message : String(cause) });
    return undefined;
  }
}

function createCluster(options: ApiServerOptions, serviceCidr: NonNullable<ApiServerOptions["serviceCidr"]>): Cluster {
  const { saved, historyMax, onWrite } = options;
  const store = createStore({ saved, ...(historyMax === undefined ? {} : { historyMax }) });
  if (onWrite !== undefined) store.onWrite(onWrite);
  const cluster: Cluster = {
    store,
    registry: new ResourceRegistry(store),
    services: new ServiceAddresses(serviceCidr, store),
    now: () => options.clock.now(),
    newUid: options.newUid ?? randomUUID,
  };
  finishContainers(cluster);
  return cluster;
}

async function issueToken(
  cluster: Cluster,
  tokens: ServiceAccountTokens,
  account: ServiceAccountName,
  request: TokenRequest,
): Promise<IssuedToken> {
  const found = cluster.store.get("serviceaccounts", account);
  if (found === undefined) {
    const object = `serviceaccounts ${account.namespace} ${account.name}`;
    throw new Fault("KUBE_REFUSED", {
      verb: "create token of",
      object,
      status: 404,
      reason: "NotFound",
      detail: `serviceaccounts "${account.name}" not found`,
    });
  }
  return tokens.issue(account, found.metadata.uid ?? "", request);
}
