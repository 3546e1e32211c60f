import type { Endpoint, EndpointSlice, Service, ServicePort } from "../controllers/objects/index.ts";
import { eligibleEndpoints } from "./eligible-endpoints.ts";

export type Family = "ip" | "ip6";

/** Where packets to one port of a service go, in one family. */
export interface ServiceRoute {
  /** `namespace/name/tcp/80`: unlike any other, and fit for the name of a chain. */
  readonly key: string;
  readonly family: Family;
  readonly protocol: "tcp" | "udp" | "sctp";
  /** Its cluster IP in this family. */
  readonly clusterAddress: string;
  /** Addresses from outside that stand for it: `externalIPs`, and those a load balancer put into its status. */
  readonly externalAddresses: readonly string[];
  readonly port: number;
  readonly nodePort?: number;
  /** Endpoints of the whole cluster, narrowed down by topology hints; sorted. */
  readonly backends: readonly Backend[];
  /** Endpoints on this node. */
  readonly localBackends: readonly Backend[];
  /** `internalTrafficPolicy: Local`: clients of the cluster IP reach this node's endpoints only. */
  readonly isInternalLocal: boolean;
  /** `externalTrafficPolicy: Local`: clients from outside reach this node's endpoints only, and keep their address. */
  readonly isExternalLocal: boolean;
  /** `sessionAffinity: ClientIP`: how long a client keeps its endpoint after its last connection. */
  readonly stickySeconds?: number;
}

export interface Backend {
  readonly address: string;
  readonly port: number;
}

/** Whose rules they are. */
export interface ServiceNode {
  readonly nodeName: string;
  readonly zone?: string;
}

/** All services of a cluster and their endpoints, as one node sees them. */
export interface ServiceView extends ServiceNode {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
}

const DEFAULT_STICKY_SECONDS = 10_800;

/** The routes of all services, in a stable order. Services without an address of their own (headless, external names) have none. */
export function serviceRoutes(view: ServiceView): readonly ServiceRoute[] {
  return routeReader(view)(view);
}

/** Reads routes again and again: what a service had stays the same object as long as neither it nor its slices were replaced. */
export function routeReader(node: ServiceNode): (view: Pick<ServiceView, "services" | "slices">) => readonly ServiceRoute[] {
  const known = new WeakMap<Service, { readonly slices: readonly EndpointSlice[]; readonly routes: readonly ServiceRoute[] }>();
  return ({ services, slices }) => {
    const slicesOf = groupByService(slices);
    const routes = services.flatMap((service) => {
      const own = slicesOf.get(`${service.metadata.namespace ?? ""}/${service.metadata.name}`) ?? NONE;
      const before = known.get(service);
      if (before !== undefined && isSameList(before.slices, own)) return before.routes;
      const read = routesOf(node, service, own);
      known.set(service, { slices: own, routes: read });
      return read;
    });
    return routes.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.family < b.family ? -1 : 1));
  };
}

const NONE: readonly EndpointSlice[] = [];

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

function groupByService(slices: readonly EndpointSlice[]): ReadonlyMap<string, readonly EndpointSlice[]> {
  const groups = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = `${slice.metadata.namespace ?? ""}/${slice.metadata.labels?.["kubernetes.io/service-name"] ?? ""}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slice]);
    else group.push(slice);
  }
  return groups;
}

function routesOf(node: ServiceNode, service: Service, slices: readonly EndpointSlice[]): readonly ServiceRoute[] {
  const name = `${service.metadata.namespace ?? ""}/${service.metadata.name}`;
  return clusterAddresses(service).flatMap(({ family, address }) => {
    const own = slices.filter((slice) => slice.addressType === (family === "ip" ? "IPv4" : "IPv6"));
    return (service.spec.ports ?? []).map((port) => routeOf(node, service, port, { name, family, address, slices: own }));
  });
}

interface Place {
  readonly name: string;
  readonly family: Family;
  readonly address: string;
  readonly slices: readonly EndpointSlice[];
}

function routeOf(node: ServiceNode, service: Service, port: ServicePort, { name, family, address, slices }: Place): ServiceRoute {
  const { spec } = service;
  const protocol = (port.protocol ?? "TCP").toLowerCase() as ServiceRoute["protocol"];
  const candidates = candidatesOf(slices, port.name ?? "", protocol, family);
  const { cluster, local } = eligibleEndpoints(candidates, node);
  const isReachable = spec.type === "NodePort" || spec.type === "LoadBalancer" || (spec.externalIPs ?? []).length > 0;
  const sticky = spec.sessionAffinity === "ClientIP" ? stickySeconds(spec) : undefined;
  return {
    key: `${name}/${protocol}/${port.port}`,
    family,
    protocol,
    clusterAddress: address,
    externalAddresses: [...new Set(externalAddresses(service))].filter((one) => familyOf(one) === family),
    port: port.port,
    ...(port.nodePort === undefined || port.nodePort === 0 ? {} : { nodePort: port.nodePort }),
    backends: backendsOf(cluster),
    localBackends: backendsOf(local),
    isInternalLocal: spec["internalTrafficPolicy"] === "Local",
    isExternalLocal: isReachable && spec["externalTrafficPolicy"] === "Local",
    ...(sticky === undefined ? {} : { stickySeconds: sticky }),
  };
}

function clusterAddresses({ spec }: Service): readonly { readonly family: Family; readonly address: string }[] {
  if (spec.type === "ExternalName") return [];
  const own = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
  return own.flatMap((address) => {
    const family = familyOf(address);
    return family === undefined ? [] : [{ family, address }];
  });
}

function externalAddresses({ spec, ...service }: Service): readonly string[] {
  const status = service["status"] as { readonly loadBalancer?: { readonly ingress?: readonly Ingress[] } } | undefined;
  const balanced = spec.type === "LoadBalancer" ? (status?.loadBalancer?.ingress ?? []) : [];
  // A balancer that proxies sends to node ports; only one that routes makes nodes answer for its address (KEP-1860).
  return [...(spec.externalIPs ?? []), ...balanced.flatMap(({ ip, ipMode }) => (ip === undefined || ipMode === "Proxy" ? [] : [ip]))];
}

interface Ingress {
  readonly ip?: string;
  readonly ipMode?: string;
}

function stickySeconds(spec: Service["spec"]): number {
  const config = spec["sessionAffinityConfig"] as { readonly clientIP?: { readonly timeoutSeconds?: number } } | undefined;
  return config?.clientIP?.timeoutSeconds ?? DEFAULT_STICKY_SECONDS;
}

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

export function familyOf(address: string): Family | undefined {
  if (IPV4.test(address)) return "ip";
  return address.includes(":") ? "ip6" : undefined;
}

/** An endpoint and the number its service's port has there. */
export interface Candidate extends Backend {
  readonly endpoint: Endpoint;
}

function candidatesOf(slices: readonly EndpointSlice[], portName: string, protocol: string, family: Family): readonly Candidate[] {
  return slices.flatMap((slice) => {
    const port = slice.ports?.find((port) => (port.name ?? "") === portName && (port.protocol ?? "TCP").toLowerCase() === protocol)?.port;
    if (port === undefined) return [];
    return (slice.endpoints ?? []).flatMap((endpoint) => {
      const [address] = endpoint.addresses;
      return address === undefined || familyOf(address) !== family ? [] : [{ endpoint, address, port }];
    });
  });
}

function backendsOf(candidates: readonly Candidate[]): readonly Backend[] {
  const distinct = new Map(candidates.map(({ address, port }) => [`${address} ${port}`, { address, port }]));
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, backend]) => backend);
}
