import { formatIpv6, parseIpv6 } from "@slash28/address";
import { addressType, dnsName } from "../names.ts";
import type { NamedEndpoint, NamedPort, NamedService, NamedSlice } from "./cluster-names.ts";

/** An object of the Kubernetes API, of which nothing is believed but its name. */
export interface ApiObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

const SERVICE_NAME = "kubernetes.io/service-name";

/** A Service of core/v1. */
export function namedService(object: ApiObject): NamedService {
  const spec = fields(object["spec"]);
  const clusterIps = list(spec["clusterIPs"]).map(String);
  const given = clusterIps.length > 0 ? clusterIps : [text(spec["clusterIP"])];
  const isExternal = spec["type"] === "ExternalName";
  const kind = isExternal ? "external" : given.includes("None") ? "headless" : "address";
  return {
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name,
    kind,
    addresses: kind === "address" ? given.flatMap(address) : [],
    ...(isExternal ? { externalName: dnsName(text(spec["externalName"])) } : {}),
    ports: list(spec["ports"]).flatMap((port) => namedPort(port)),
  };
}

/** An EndpointSlice of discovery.k8s.io/v1; nothing when it is of no service or carries names instead of addresses. */
export function namedSlice(object: ApiObject): NamedSlice | undefined {
  const service = object.metadata.labels?.[SERVICE_NAME];
  if (service === undefined || object["addressType"] === "FQDN") return undefined;
  const ports = list(object["ports"]).flatMap((port) => namedPort(port));
  const endpoints = list(object["endpoints"]).flatMap((endpoint) => namedEndpoints(fields(endpoint), ports));
  return { namespace: object.metadata.namespace ?? "", service, endpoints };
}

/** The addresses of a Pod, as `ClusterNames` knows them; a pod on its node's network counts too. */
export function podAddress(object: ApiObject): string | undefined {
  const status = fields(object["status"]);
  const isOver = status["phase"] === "Succeeded" || status["phase"] === "Failed";
  return isOver ? undefined : address(text(status["podIP"]))[0];
}

/** An unset `ready` counts as ready: discovery.k8s.io/v1, EndpointConditions. */
function namedEndpoints(endpoint: Readonly<Record<string, unknown>>, ports: readonly NamedPort[]): readonly NamedEndpoint[] {
  if (fields(endpoint["conditions"])["ready"] === false) return [];
  const hostname = text(endpoint["hostname"]);
  const target = fields(endpoint["targetRef"]);
  const podName = target["kind"] === "Pod" ? text(target["name"]) : "";
  return list(endpoint["addresses"])
    .map(String)
    .flatMap(address)
    .map((one) => ({
      address: one,
      ...(hostname === "" ? {} : { hostname }),
      ...(podName === "" ? {} : { podName }),
      ports,
    }));
}

function namedPort(port: unknown): readonly NamedPort[] {
  const { name, port: number, protocol } = fields(port);
  if (typeof number !== "number") return [];
  const word = text(protocol).toLowerCase();
  return [{ name: text(name), protocol: word === "udp" || word === "sctp" ? word : "tcp", port: number }];
}

/** In the one form that lookups use. */
function address(given: string): readonly string[] {
  const type = addressType(given);
  if (type === undefined) return [];
  const parsed = type === "AAAA" ? parseIpv6(given) : undefined;
  return [parsed === undefined ? given : formatIpv6(parsed)];
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
