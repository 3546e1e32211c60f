import { containerPorts, hasEnded, isReady, matchesLabels, ownerReferenceTo, shortHash } from "../objects/index.ts";
import type {
  Endpoint,
  EndpointPort,
  Endpoints,
  EndpointSlice,
  EndpointSubset,
  Node,
  Pod,
  Service,
  ServicePort,
} from "../objects/index.ts";

/** Endpoints per slice, as upstream: a change of one endpoint then moves little data. */
const SLICE_SIZE = 100;

type AddressType = "IPv4" | "IPv6";
export const MANAGED_BY = "endpointslice-controller.k8s.io";

export interface ServiceObserved {
  readonly service: Service;
  /** Of its namespace. */
  readonly pods: readonly Pod[];
  /** Zones of nodes by name. */
  readonly zoneOf: (nodeName: string) => Node | undefined;
}

/** A pod behind a service. */
interface Backing {
  readonly pod: Pod;
  readonly address: string;
  readonly addressType: AddressType;
  readonly isReady: boolean;
  readonly isTerminating: boolean;
  readonly ports: readonly EndpointPort[];
}

/** The slices a service must have. Their names depend only on the service, their ports and their number, so a turn can be repeated. */
export function endpointSlicesFor(observed: ServiceObserved): readonly EndpointSlice[] {
  const { service } = observed;
  const backings = backingsOf(observed);
  const groups = new Map<string, SliceGroup>();
  for (const backing of backings) {
    const key = JSON.stringify([backing.addressType, backing.ports]);
    const group = groups.get(key) ?? { addressType: backing.addressType, ports: backing.ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(backing, observed));
  }
  // A service without endpoints still has a slice: it says "none" instead of "not known yet".
  const first = (service.spec.ports ?? []).map((port) => endpointPort(port, numberedTarget(port)));
  if (groups.size === 0) groups.set("", { addressType: familiesOf(service)[0] ?? "IPv4", ports: first, endpoints: [] });
  return [...groups].flatMap(([key, { endpoints, ...group }]) => {
    const slices: EndpointSlice[] = [];
    for (let at = 0; at === 0 || at < endpoints.length; at += SLICE_SIZE) {
      const suffix = shortHash([service.metadata.uid, key, at]).slice(0, 5);
      slices.push(sliceFor(service, suffix, { ...group, endpoints: endpoints.slice(at, at + SLICE_SIZE) }));
    }
    return slices;
  });
}

interface SliceGroup {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
}

function familiesOf({ spec }: Service): readonly AddressType[] {
  const families = spec["ipFamilies"];
  const known = Array.isArray(families) ? families.filter((family): family is AddressType => family === "IPv4" || family === "IPv6") : [];
  return known.length === 0 ? ["IPv4"] : known;
}

function backingsOf({ service, pods }: ServiceObserved): readonly Backing[] {
  const selector = service.spec.selector ?? {};
  const backings: Backing[] = [];
  for (const pod of pods) {
    if (hasEnded(pod) || !matchesLabels(selector, pod.metadata.labels)) continue;
    const ports = portsOf(service, pod);
    if (ports === undefined) continue;
    const isTerminating = pod.metadata.deletionTimestamp !== undefined;
    for (const addressType of familiesOf(service)) {
      const address = addressOf(pod, addressType);
      if (address !== undefined) backings.push({ pod, address, addressType, isReady: isReady(pod), isTerminating, ports });
    }
  }
  return backings.sort((a, b) => (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1));
}

/** The pod's address in a family; a pod has one of each at most. */
function addressOf({ status }: Pod, type: AddressType): string | undefined {
  const addresses = [status?.podIP ?? "", ...(status?.podIPs ?? []).map(({ ip }) => ip)];
  return addresses.find((address) => address !== "" && address.includes(":") === (type === "IPv6"));
}

/** The service's ports as numbers of this pod; `undefined` when the pod has none of them. A named port the pod lacks is left out. */
function portsOf(service: Service, pod: Pod): readonly EndpointPort[] | undefined {
  const wanted = service.spec.ports ?? [];
  const ports = wanted.flatMap((port) => {
    const number = targetOf(port, pod);
    return number === undefined ? [] : [endpointPort(port, number)];
  });
  return ports.length === 0 && wanted.length > 0 ? undefined : ports;
}

function numberedTarget(port: ServicePort): number | undefined {
  return typeof port.targetPort === "string" && port.targetPort !== "" ? undefined : Number(port.targetPort ?? 0) || port.port;
}

function targetOf(port: ServicePort, pod: Pod): number | undefined {
  if (typeof port.targetPort !== "string" || port.targetPort === "") return numberedTarget(port);
  if (/^\d+$/.test(port.targetPort)) return Number(port.targetPort);
  const protocol = port.protocol ?? "TCP";
  return containerPorts(pod.spec).find((named) => named.name === port.targetPort && (named.protocol ?? "TCP") === protocol)?.containerPort;
}

function endpointPort(port: ServicePort, number: number | undefined): EndpointPort {
  return {
    name: port.name ?? "",
    ...(number === undefined ? {} : { port: number }),
    protocol: port.protocol ?? "TCP",
    ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
  };
}

function endpointOf(backing: Backing, { service, zoneOf }: ServiceObserved): Endpoint {
  const { pod, isTerminating } = backing;
  const { nodeName } = pod.spec;
  const zone = nodeName === undefined ? undefined : zoneOf(nodeName)?.metadata.labels?.["topology.kubernetes.io/zone"];
  const isPublished = service.spec.publishNotReadyAddresses === true;
  return {
    addresses: [backing.address],
    conditions: {
      ready: isPublished || (backing.isReady && !isTerminating),
      serving: isPublished || backing.isReady,
      terminating: isTerminating,
    },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...hostnameOf(pod, service),
    ...hintsFor(service, { zone, nodeName }),
    targetRef: referenceTo(pod),
  };
}

/** A pod whose subdomain is the service has a name below it in DNS. */
function hostnameOf({ spec, metadata }: Pod, service: Service): { readonly hostname?: string } {
  const { hostname, subdomain } = spec as { readonly hostname?: string; readonly subdomain?: string };
  const isNamed = hostname !== undefined && hostname !== "" && subdomain === service.metadata.name;
  return isNamed && metadata.namespace === service.metadata.namespace ? { hostname } : {};
}

/** Whom an endpoint is meant for: `trafficDistribution` keeps traffic in the zone, or on the node (KEP-2433, KEP-3015). */
function hintsFor(
  { spec }: Service,
  { zone, nodeName }: { readonly zone: string | undefined; readonly nodeName: string | undefined },
): Pick<Endpoint, "hints"> {
  const distribution = spec["trafficDistribution"];
  const isNear = distribution === "PreferClose" || distribution === "PreferSameZone" || distribution === "PreferSameNode";
  if (!isNear) return {};
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] };
  const forNodes = distribution === "PreferSameNode" && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {};
  return { hints: { ...forZones, ...forNodes } };
}

function referenceTo(pod: Pod): NonNullable<Endpoint["targetRef"]> {
  const { name, namespace, uid } = pod.metadata;
  return { kind: "Pod", name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
}

function sliceFor(service: Service, suffix: string, { addressType, ports, endpoints }: SliceGroup): EndpointSlice {
  const { name, namespace = "default", labels } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-${suffix}`,
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": MANAGED_BY,
        ...(service.spec.clusterIP === "None" ? { "service.kubernetes.io/headless": "" } : {}),
      },
      ownerReferences: [ownerReferenceTo(service)],
    },
    addressType,
    ports,
    endpoints,
  };
}

/** The older `Endpoints` object of the same service: ending pods are not in it. */
export function endpointsFor(observed: ServiceObserved): Endpoints {
  const { service } = observed;
  const { name, namespace = "default", labels } = service.metadata;
  const subsets = new Map<string, { readonly ports: readonly EndpointPort[]; readonly ready: Backing[]; readonly notReady: Backing[] }>();
  for (const backing of backingsOf(observed)) {
    // Endpoints know one family alone: the service's first.
    if (backing.isTerminating || backing.addressType !== (familiesOf(service)[0] ?? "IPv4")) continue;
    const key = JSON.stringify(backing.ports);
    const subset = subsets.get(key) ?? { ports: backing.ports, ready: [], notReady: [] };
    subsets.set(key, subset);
    (backing.isReady || service.spec.publishNotReadyAddresses === true ? subset.ready : subset.notReady).push(backing);
  }
  const address = ({ pod, address }: Backing) => ({
    ip: address,
    ...hostnameOf(pod, service),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: referenceTo(pod),
  });
  const made: EndpointSubset[] = [...subsets.values()].map(({ ports, ready, notReady }) => ({
    ...(ready.length === 0 ? {} : { addresses: ready.map(address) }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady.map(address) }),
    ports: ports.map(({ name: portName, ...port }) => (portName === "" ? port : { name: portName ?? "", ...port })),
  }));
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name, namespace, labels: { ...labels, "endpoints.kubernetes.io/managed-by": "endpoint-controller" } },
    ...(made.length === 0 ? {} : { subsets: made }),
  };
}
