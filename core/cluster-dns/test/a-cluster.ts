import { ClusterIndex, namedService, namedSlice, type ApiObject, type KubernetesSettings } from "../src/index.ts";

export const ZONES = ["cluster.local", "in-addr.arpa", "ip6.arpa"];

export function settings(more: Partial<KubernetesSettings> = {}): KubernetesSettings {
  return { zones: ZONES, pods: "insecure", ttl: 30, usesPodNames: false, ignoresEmptyServices: false, ...more };
}

export function aService(name: string, spec: object, namespace = "shop"): ApiObject {
  return { metadata: { name, namespace }, spec };
}

export interface SketchedEndpoint {
  readonly address: string;
  readonly hostname?: string;
  readonly pod?: string;
  readonly ready?: boolean;
}

export function aSlice(
  service: string,
  endpoints: readonly SketchedEndpoint[],
  ports: readonly object[] = [],
  namespace = "shop",
): ApiObject {
  return {
    metadata: { name: `${service}-1`, namespace, labels: { "kubernetes.io/service-name": service } },
    addressType: endpoints[0]?.address.includes(":") === true ? "IPv6" : "IPv4",
    ports,
    endpoints: endpoints.map(({ address, hostname, pod, ready }) => ({
      addresses: [address],
      ...(hostname === undefined ? {} : { hostname }),
      ...(pod === undefined ? {} : { targetRef: { kind: "Pod", name: pod } }),
      conditions: { ready: ready ?? true },
    })),
  };
}

/** Takes objects as a watch gives them. */
export function aCluster(...objects: readonly ApiObject[]): ClusterIndex {
  const index = new ClusterIndex();
  for (const namespace of ["default", "shop", "kube-system"]) index.setNamespace(namespace, true);
  for (const object of objects) {
    const { name, namespace = "" } = object.metadata;
    if ("spec" in object) index.setService(namespace, name, namedService(object));
    else index.setSlice(namespace, name, namedSlice(object));
  }
  return index;
}
