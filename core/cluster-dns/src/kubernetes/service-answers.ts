import type { DnsName, DnsQuestion, DnsRecord } from "../message.ts";
import { addressType, dashedAddress } from "../names.ts";
import type { ClusterNames, NamedEndpoint, NamedPort, NamedService } from "./cluster-names.ts";
import { addressRecord, isSeen, ofType, type Found, type KubernetesSettings } from "./lookup.ts";

export interface ServiceLookup {
  readonly settings: KubernetesSettings;
  readonly names: ClusterNames;
  readonly question: DnsQuestion;
  readonly zone: DnsName;
}

/** The parts of a name below `svc`, from the namespace down. */
interface ServicePath {
  readonly namespace: string;
  readonly service: string;
  readonly endpoint?: string;
  readonly port?: { readonly name: string; readonly protocol: string };
}

/** One address and port that stands behind the name asked for. */
interface Target {
  /** What an SRV record points at. */
  readonly name: DnsName;
  readonly address: string;
  readonly port: number;
}

/** Everything below `svc.<zone>`. */
export function serviceAnswers(lookup: ServiceLookup, labels: readonly string[]): Found {
  const { settings, names, question } = lookup;
  const [namespace = "", service] = labels;
  if (!isSeen(settings, namespace) || !names.hasNamespace(namespace)) return { kind: "no-name" };
  if (service === undefined) return { kind: "no-data" };
  const path = servicePath(labels);
  const found = path === undefined ? undefined : names.service(namespace, service);
  if (path === undefined || found === undefined) return { kind: "no-name" };
  if (found.kind === "external") return externalName(lookup, path, found);
  const targets = targetsOf(lookup, path, found);
  if (targets.length === 0) return { kind: "no-name" };
  if (question.type === "SRV") return srvAnswers(lookup, targets);
  const addresses = new Set(targets.map(({ address }) => address));
  return ofType(
    question,
    [...addresses].flatMap((address) => addressRecord(question.name, settings.ttl, address)),
  );
}

/** `<endpoint>.<service>.<namespace>` or `_<port>._<protocol>.<service>.<namespace>`, or without the first part. */
function servicePath([namespace = "", service = "", third, fourth, ...more]: readonly string[]): ServicePath | undefined {
  if (more.length > 0) return undefined;
  if (third === undefined) return { namespace, service };
  if (fourth === undefined) return third.startsWith("_") ? undefined : { namespace, service, endpoint: third };
  if (!third.startsWith("_") || !fourth.startsWith("_")) return undefined;
  return { namespace, service, port: { name: fourth.slice(1), protocol: third.slice(1) } };
}

/** An alias for any type; an address instead of a name is not served, as in CoreDNS. */
function externalName({ settings, question }: ServiceLookup, path: ServicePath, { externalName = "" }: NamedService): Found {
  const isPart = path.endpoint !== undefined || path.port !== undefined;
  if (isPart || externalName === "" || addressType(externalName) !== undefined) return { kind: "no-name" };
  const alias: DnsRecord = { type: "CNAME", name: question.name, ttl: settings.ttl, target: externalName };
  return { kind: "alias", alias, target: externalName };
}

function targetsOf({ settings, names, zone }: ServiceLookup, path: ServicePath, service: NamedService): readonly Target[] {
  const own = `${service.name}.${service.namespace}.svc.${zone}`;
  if (service.kind === "headless" || path.endpoint !== undefined) {
    return names
      .endpoints(service.namespace, service.name)
      .filter((endpoint) => path.endpoint === undefined || endpointLabel(settings, endpoint) === path.endpoint)
      .flatMap((endpoint) => {
        const name = `${endpointLabel(settings, endpoint)}.${own}`;
        return portsFor(path, endpoint.ports).map((port) => ({ name, address: endpoint.address, port }));
      });
  }
  if (settings.ignoresEmptyServices && names.endpoints(service.namespace, service.name).length === 0) return [];
  return portsFor(path, service.ports).flatMap((port) => service.addresses.map((address) => ({ name: own, address, port })));
}

/** Without a port in the name every port counts; a headless service may have none at all, and still has addresses. */
function portsFor(path: ServicePath, ports: readonly NamedPort[]): readonly number[] {
  const { port } = path;
  if (port === undefined) return ports.length === 0 ? [0] : ports.map((one) => one.port);
  return ports.filter(({ name, protocol }) => name.toLowerCase() === port.name && protocol === port.protocol).map((one) => one.port);
}

/** One record per name and port, sharing the weight evenly; the addresses come along. */
function srvAnswers({ settings, question }: ServiceLookup, targets: readonly Target[]): Found {
  const distinct = new Map(targets.filter(({ port }) => port > 0).map((target) => [`${target.name}:${target.port}`, target]));
  if (distinct.size === 0) return { kind: "no-data" };
  const weight = Math.max(1, Math.floor(100 / distinct.size));
  const answers = [...distinct.values()].map(({ name, port }): DnsRecord => ({
    type: "SRV",
    name: question.name,
    ttl: settings.ttl,
    priority: 0,
    weight,
    port,
    target: name,
  }));
  const pairs = new Map(targets.map((target) => [`${target.name} ${target.address}`, target]));
  const additional = [...pairs.values()].flatMap(({ name, address }) => addressRecord(name, settings.ttl, address));
  return { kind: "records", answers, additional };
}

/** What an endpoint is called below its service: its hostname, else its pod's name where that is asked for, else its address. */
export function endpointLabel(settings: KubernetesSettings, { hostname, podName, address }: NamedEndpoint): string {
  const name = hostname ?? (settings.usesPodNames && podName !== undefined && podName.length <= 63 ? podName : undefined);
  return (name ?? dashedAddress(address)).toLowerCase();
}
