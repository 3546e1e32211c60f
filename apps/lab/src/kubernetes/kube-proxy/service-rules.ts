import type { Endpoint, EndpointSlice, Service } from "../controllers/objects/index.ts";

/** Where packets to one port of a service go. */
export interface ServiceRoute {
  /** `namespace/name:port` as people know it. */
  readonly title: string;
  readonly protocol: "tcp" | "udp" | "sctp";
  /** Addresses that stand for the service. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly nodePort?: number;
  /** `address` and `port` of every endpoint to choose from, sorted; none: the service refuses. */
  readonly backends: readonly Backend[];
  /** A client keeps its endpoint while the endpoints stay the same (`sessionAffinity: ClientIP`, without its timeout). */
  readonly isSticky: boolean;
}

export interface Backend {
  readonly address: string;
  readonly port: number;
}

/** All services of a cluster and their endpoints, as one node sees them. */
export interface ServiceView {
  readonly nodeName: string;
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
}

/** The IPv4 routes of all services, in a stable order. Services without an address of their own (headless, external names) have none. */
export function serviceRoutes({ nodeName, services, slices }: ServiceView): readonly ServiceRoute[] {
  const bySlice = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    if (slice.addressType !== "IPv4") continue;
    const key = `${slice.metadata.namespace ?? ""}/${slice.metadata.labels?.["kubernetes.io/service-name"] ?? ""}`;
    bySlice.set(key, [...(bySlice.get(key) ?? []), slice]);
  }
  const routes = services.flatMap((service) => {
    const key = `${service.metadata.namespace ?? ""}/${service.metadata.name}`;
    return routesOf(service, key, eligible(service, bySlice.get(key) ?? [], nodeName));
  });
  return routes.sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0));
}

/** With `internalTrafficPolicy: Local` only endpoints of the client's own node count. */
function eligible(service: Service, slices: readonly EndpointSlice[], nodeName: string): readonly EndpointSlice[] {
  if (service.spec["internalTrafficPolicy"] !== "Local") return slices;
  return slices.map((slice) => ({ ...slice, endpoints: (slice.endpoints ?? []).filter((endpoint) => endpoint.nodeName === nodeName) }));
}

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

function routesOf(service: Service, key: string, slices: readonly EndpointSlice[]): readonly ServiceRoute[] {
  const { spec } = service;
  if (spec.type === "ExternalName") return [];
  const own = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
  const addresses = [...own, ...(spec.externalIPs ?? [])].filter((address) => IPV4.test(address));
  if (addresses.length === 0) return [];
  return (spec.ports ?? []).map((port) => {
    const protocol = (port.protocol ?? "TCP").toLowerCase() as ServiceRoute["protocol"];
    return {
      title: `${key}:${port.name ?? port.port}`,
      protocol,
      addresses,
      port: port.port,
      ...(port.nodePort === undefined || port.nodePort === 0 ? {} : { nodePort: port.nodePort }),
      backends: backendsOf(slices, port.name ?? "", protocol),
      isSticky: spec.sessionAffinity === "ClientIP",
    };
  });
}

/**
 * The endpoints behind one port: the ready ones; while there are none, those that are ending and still serve, so that a rollout
 * loses no connection (KEP-1669).
 */
function backendsOf(slices: readonly EndpointSlice[], portName: string, protocol: string): readonly Backend[] {
  const ready = new Map<string, Backend>();
  const ending = new Map<string, Backend>();
  for (const slice of slices) {
    const port = slice.ports?.find((port) => (port.name ?? "") === portName && (port.protocol ?? "TCP").toLowerCase() === protocol);
    if (port?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const [address] = endpoint.addresses;
      if (address === undefined || !IPV4.test(address)) continue;
      const backend = { address, port: port.port };
      if (endpoint.conditions?.ready !== false) ready.set(`${address}:${port.port}`, backend);
      else if (isServingToTheEnd(endpoint)) ending.set(`${address}:${port.port}`, backend);
    }
  }
  const chosen = ready.size > 0 ? ready : ending;
  return [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, backend]) => backend);
}

function isServingToTheEnd(endpoint: Endpoint): boolean {
  return endpoint.conditions?.serving === true && endpoint.conditions.terminating === true;
}
