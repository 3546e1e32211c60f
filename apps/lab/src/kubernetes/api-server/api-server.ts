import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";

import { formatAddress } from "@slash28/address";
import { ownServiceAddresses } from "@slash28/eks";
import { at, createStore } from "@slash28/kube-store";
import { Fault, type Kube, type Log } from "@slash28/ports";

import { createPriorityClasses } from "./operations/birth-of-priority-classes.ts";
import { followQuotas } from "./admission/quotas.ts";
import { admissionOf } from "./admission/admission-of.ts";
import { ServiceAddresses } from "./admission/service-addresses.ts";
import { KeyRing } from "./authentication/cluster-keys.ts";
import { requestToken } from "./authentication/request-token.ts";
import { followSigningRequests } from "./certificates/sign-requests.ts";
import { followSecretTokens } from "./authentication/secret-tokens.ts";
import { SERVER_CLIENT } from "./authentication/well-known-identities.ts";
import type { ServiceAccountTokens } from "./authentication/service-account-tokens.ts";
import { createAccess } from "./authorization/create-access.ts";
import { reconcileDefaults } from "./authorization/reconcile-defaults.ts";
import { createAuthority, type Authority } from "./certificates/authority.ts";
import { kubeconfigText } from "./certificates/kubeconfig.ts";
import type { ApiServer, ApiServerOptions, IssuedToken, Listening, ServiceAccountName, TokenRequest } from "./face.ts";
import type { Serving } from "./http/api-call.ts";
import { handleRequest } from "./http/handle-request.ts";
import { startListener } from "./http/listener.ts";
import { forgetBytes } from "./http/object-text.ts";
import { fromWebRequest, toWebResponse } from "./http/web-exchange.ts";
import { createLocalKube, SERVER_WRITER } from "./local-kube.ts";
import { createFirstNamespaces, createKubernetesService, furnishNamespaces } from "./operations/birth-of-namespaces.ts";
import type { Cluster } from "./operations/cluster.ts";
import { admitSent } from "./operations/sent-kinds.ts";
import { finishContainers } from "./operations/empty-container.ts";
import { ResourceRegistry } from "./resources/resource-registry.ts";

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
  const serviceAddress = ownServiceAddresses(options.serviceRange).api;
  const ring = new KeyRing(options.keys);
  const authority = await createAuthority(clock.now(), ring.keys.authority);
  if (ring.keys.authority === undefined) ring.change({ authority: authority.own });
  const advertised = options.advertise === undefined ? [] : [formatAddress(options.advertise.address)];
  const server = await authority.issueServer([...new Set([...USUAL_NAMES, serviceAddress, ...advertised, ...(options.names ?? [])])]);
  const admin = await authority.issueClient("kubernetes-admin", ["system:masters"]);
  const cluster = createCluster(options);
  const access = createAccess(options, cluster.store, ring);
  const { tokens } = access;
  furnish(cluster, authority, tokens, log);
  const { advertise } = options;
  createKubernetesService(cluster, {
    clusterIP: serviceAddress,
    ...(advertise === undefined ? {} : { to: { ip: formatAddress(advertise.address), port: advertise.port } }),
  });
  const closing = new AbortController();
  // Every open watch listens for the end.
  setMaxListeners(0, closing.signal);
  const admission = admissionOf(cluster, access.authorizer, options);
  const serving: Serving = { cluster, admission, ...access, clock, log, runtimeFor, closing: closing.signal };
  const kubeOf = (client: string): Kube => createLocalKube(cluster, admission, client);
  const listeners = new Set<Listening>();
  return {
    kube: kubeOf(SERVER_CLIENT),
    kubeOf,
    caPem: authority.caPem,
    async handle(request, identity) {
      const sender = identity === undefined ? ({ kind: "anonymous" } as const) : ({ kind: "known", identity } as const);
      return toWebResponse(await handleRequest(serving, await fromWebRequest(request), sender));
    },
    async listen(target) {
      const listener = await startListener({ serving, server, caPem: authority.caPem }, target);
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
    issueToken: (account, request = {}) => issueToken({ cluster, admission, tokens }, account, request),
    async authenticate(token) {
      const verdict = await access.authenticator.review(token);
      return verdict.ok ? verdict.identity : undefined;
    },
    keySet: () => access.signingKeys.keySet(),
    rotateSigningKey: () => access.signingKeys.rotate(),
    async close() {
      closing.abort();
      await Promise.all([...listeners].map((listener) => listener.close()));
      listeners.clear();
    },
  };
}

/** What every cluster has from its beginning, and what the server keeps in step with it from then on. */
function furnish(cluster: Cluster, authority: Authority, tokens: ServiceAccountTokens, log: Log): void {
  furnishNamespaces(cluster, authority.caPem);
  createFirstNamespaces(cluster);
  reconcileDefaults(cluster);
  createPriorityClasses(cluster);
  followQuotas(cluster);
  followSecretTokens(cluster.store, tokens, authority.caPem, log);
  followSigningRequests(cluster, authority, log);
}

function createCluster(options: ApiServerOptions): Cluster {
  const { saved, historyMax, onWrite, serviceRange } = options;
  const store = createStore({ saved, ...(historyMax === undefined ? {} : { historyMax }) });
  if (onWrite !== undefined) store.onWrite(onWrite);
  store.onWrite(({ before }) => before !== undefined && forgetBytes(before));
  const cluster: Cluster = {
    store,
    registry: new ResourceRegistry(store),
    services: new ServiceAddresses(serviceRange, store),
    now: () => options.clock.now(),
    newUid: options.newUid ?? randomUUID,
  };
  finishContainers(cluster);
  return cluster;
}

async function issueToken(
  { cluster, admission, tokens }: Pick<Serving, "cluster" | "admission" | "tokens">,
  account: ServiceAccountName,
  { audiences, expirationSeconds, pod }: TokenRequest,
): Promise<IssuedToken> {
  const definition = cluster.registry.find("", "v1", "serviceaccounts");
  if (definition === undefined) throw new Error("the type serviceaccounts is always there");
  const boundObjectRef = pod === undefined ? undefined : { apiVersion: "v1", kind: "Pod", ...pod };
  const body = { spec: { audiences, expirationSeconds, boundObjectRef } };
  const admitted = await admission.carryOut(SERVER_WRITER, (_, stage) =>
    admitSent(stage, { operation: "CREATE", subresource: "token", target: { definition, ...account }, body }),
  );
  const issued = admitted.ok ? await requestToken(cluster.store, tokens, account, at(admitted.value, "spec")) : admitted;
  if (issued.ok) return issued.value;
  const { code: status, reason, message: detail } = issued.failure;
  throw new Fault("KUBE_REFUSED", {
    verb: "create token of",
    object: `serviceaccounts ${account.namespace} ${account.name}`,
    status,
    reason,
    detail,
  });
}
