import { BUILTIN_RESOURCES } from "../resources/builtin-resources.ts";
import { updateObject } from "./change-object.ts";
import type { Cluster, WriteOptions } from "./cluster.ts";
import { createObject } from "./create-object.ts";

const FIRST_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** What the controller manager does on Kubernetes, and is told to have done here. */
const byControllers: WriteOptions = { fieldManager: "kube-controller-manager" };

/** Gives every new namespace its `default` service account and the CA bundle that pods check the API server with. */
export function furnishNamespaces(cluster: Cluster, caPem: string): void {
  cluster.store.onWrite(({ resource, before, after }) => {
    if (resource !== "namespaces" || before !== undefined || after === undefined) return;
    const namespace = after.metadata.name;
    put(cluster, "serviceaccounts", namespace, { metadata: { name: "default" } }, byControllers);
    put(
      cluster,
      "configmaps",
      namespace,
      {
        metadata: {
          name: "kube-root-ca.crt",
          annotations: { "kubernetes.io/description": "Holds the CA bundle with which to verify connections to the API server." },
        },
        data: { "ca.crt": caPem },
      },
      byControllers,
    );
  });
}

export function createFirstNamespaces(cluster: Cluster): void {
  for (const name of FIRST_NAMESPACES) put(cluster, "namespaces", undefined, { metadata: { name } });
}

/** Creates an object of the cluster's own; one that is there already stays. */
export function put(cluster: Cluster, plural: string, namespace: string | undefined, body: object, options: WriteOptions = {}): void {
  const definition = BUILTIN_RESOURCES.find((one) => one.plural === plural);
  if (definition !== undefined) createObject(cluster, { definition, namespace }, body, options);
}

/** As {@link put}, but one that is there already is brought up to date: a server that starts again may be reached elsewhere. */
function renew(cluster: Cluster, plural: string, namespace: string, body: NamedBody): void {
  const definition = BUILTIN_RESOURCES.find((one) => one.plural === plural);
  if (definition === undefined) return;
  const target = { definition, namespace, name: body.metadata.name };
  const isThere = cluster.store.get(definition.storage, target) !== undefined;
  if (isThere) updateObject(cluster, target, body, {});
  else createObject(cluster, target, body, {});
}

interface NamedBody {
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** The `kubernetes` service, the first address of the service range, and where it leads. */
export function createKubernetesService(
  cluster: Cluster,
  service: { readonly clusterIP: string; readonly to?: { readonly ip: string; readonly port: number } },
): void {
  const labels = { component: "apiserver", provider: "kubernetes" };
  put(cluster, "services", "default", {
    metadata: { name: "kubernetes", labels },
    spec: { clusterIP: service.clusterIP, ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: service.to?.port ?? 443 }] },
  });
  if (service.to !== undefined) pointKubernetesService(cluster, service.to.ip, service.to.port);
}

function pointKubernetesService(cluster: Cluster, ip: string, port: number): void {
  const mirrored = { "endpointslice.kubernetes.io/skip-mirror": "true" };
  renew(cluster, "endpoints", "default", {
    metadata: { name: "kubernetes", labels: mirrored },
    subsets: [{ addresses: [{ ip }], ports: [{ name: "https", port, protocol: "TCP" }] }],
  });
  renew(cluster, "endpointslices", "default", {
    metadata: { name: "kubernetes", labels: { "kubernetes.io/service-name": "kubernetes" } },
    addressType: ip.includes(":") ? "IPv6" : "IPv4",
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  });
}
