import type { KubeObject } from "@slash28/ports";

/** The parts of a Service that a pod's variables are made of. */
export interface LinkedService extends KubeObject {
  readonly spec?: {
    /** `None`: the service has no address of its own. */
    readonly clusterIP?: string;
    readonly ports?: readonly ServicePort[];
  };
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
}

/** Where the API server's own service is; every pod gets its variables. */
const API_SERVICE = { namespace: "default", name: "kubernetes" } as const;

/**
 * What a container is told of services with an address: those of its pod's namespace, unless the pod turns links off, and always the
 * API server's. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function serviceVariables(
  services: readonly LinkedService[],
  pod: { readonly namespace: string; readonly hasLinks: boolean },
): Readonly<Record<string, string>> {
  const isApi = ({ metadata }: LinkedService): boolean =>
    metadata.name === API_SERVICE.name && metadata.namespace === API_SERVICE.namespace;
  const linked = services.filter(({ metadata }) => pod.hasLinks && metadata.namespace === pod.namespace);
  // Last, so that a namespace's own service of that name does not hide the API server.
  const told = [...linked, ...services.filter(isApi)];
  return Object.fromEntries(told.flatMap(variablesOf));
}

type Variable = readonly [name: string, value: string];

function variablesOf({ metadata, spec }: LinkedService): readonly Variable[] {
  const { clusterIP = "", ports = [] } = spec ?? {};
  const [first] = ports;
  if (clusterIP === "" || clusterIP === "None" || first === undefined) return [];
  const prefix = variableName(metadata.name);
  const named = ports.filter(({ name }) => name !== undefined && name !== "");
  return [
    [`${prefix}_SERVICE_HOST`, clusterIP],
    [`${prefix}_SERVICE_PORT`, String(first.port)],
    ...named.map(({ name = "", port }): Variable => [`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port)]),
    [`${prefix}_PORT`, urlOf(clusterIP, first)],
    ...ports.flatMap((port) => linkVariables(prefix, clusterIP, port)),
  ];
}

/** The variables that Docker's container links had, one set a port. */
function linkVariables(prefix: string, address: string, port: ServicePort): readonly Variable[] {
  const link = `${prefix}_PORT_${port.port}_${protocolOf(port).toUpperCase()}`;
  return [
    [link, urlOf(address, port)],
    [`${link}_PROTO`, protocolOf(port)],
    [`${link}_PORT`, String(port.port)],
    [`${link}_ADDR`, address],
  ];
}

function urlOf(address: string, port: ServicePort): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return `${protocolOf(port)}://${host}:${port.port}`;
}

function protocolOf({ protocol }: ServicePort): string {
  return (protocol ?? "TCP").toLowerCase();
}

function variableName(text: string): string {
  return text.replaceAll("-", "_").toUpperCase();
}
