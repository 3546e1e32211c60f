import type { DnsName, DnsQuestion, DnsRecord, DnsReply } from "../message.ts";
import { addressOfDashes, addressOfReverse, closestZone, isReverseZone, isWithin, labelsInside } from "../names.ts";
import type { ClusterNames } from "./cluster-names.ts";
import { addressRecord, isSeen, ofType, type Found, type KubernetesSettings } from "./lookup.ts";
import { endpointLabel, serviceAnswers } from "./service-answers.ts";

export type KubernetesOutcome =
  | { readonly kind: "answer"; readonly reply: DnsReply }
  /** The answer begins with this CNAME; whoever serves looks up where it leads. */
  | { readonly kind: "alias"; readonly alias: DnsRecord; readonly target: DnsName }
  /** Not a name of this plugin. */
  | { readonly kind: "next" };

export interface KubernetesQuestion extends DnsQuestion {
  /** Addresses of this very server: behind them stands the DNS service that the zone's NS record names. */
  readonly ownAddresses: readonly string[];
}

const SCHEMA_VERSION = "1.1.0";
const SCHEMA_TTL = 28_800;

/**
 * What a cluster's DNS answers, by the Kubernetes DNS specification 1.1.0
 * (https://github.com/kubernetes/dns/blob/master/docs/specification.md), as CoreDNS's `kubernetes` plugin does.
 */
export function answerKubernetes(settings: KubernetesSettings, names: ClusterNames, question: KubernetesQuestion): KubernetesOutcome {
  const zone = closestZone(question.name, settings.zones);
  if (zone === undefined) return { kind: "next" };
  const found = isReverseZone(zone) ? findReverse(settings, names, question) : findInZone(settings, names, question, zone);
  switch (found.kind) {
    case "alias":
      return found;
    case "records":
      return answer({ rcode: "NOERROR", isAuthoritative: true, answers: found.answers, authority: [], additional: found.additional ?? [] });
    case "no-data":
      return answer({
        rcode: "NOERROR",
        isAuthoritative: true,
        answers: [],
        authority: [startOfAuthority(settings, zone)],
        additional: [],
      });
    case "no-name":
      if (fallsThrough(settings, question.name)) return { kind: "next" };
      return answer({
        rcode: "NXDOMAIN",
        isAuthoritative: true,
        answers: [],
        authority: [startOfAuthority(settings, zone)],
        additional: [],
      });
    default:
      return found satisfies never;
  }
}

function answer(reply: DnsReply): KubernetesOutcome {
  return { kind: "answer", reply };
}

function fallsThrough({ fallthrough }: KubernetesSettings, name: DnsName): boolean {
  return fallthrough !== undefined && (fallthrough.length === 0 || fallthrough.some((zone) => isWithin(name, zone)));
}

/** Its minimum is the TTL: what is not there is remembered as long as what is. */
function startOfAuthority({ ttl }: KubernetesSettings, zone: DnsName): DnsRecord {
  const timers = { serial: 1, refresh: 7_200, retry: 1_800, expire: 86_400, minimum: ttl };
  return { type: "SOA", name: zone, ttl, mname: `ns.dns.${zone}`, rname: `hostmaster.${zone}`, ...timers };
}

function findInZone(settings: KubernetesSettings, names: ClusterNames, question: KubernetesQuestion, zone: DnsName): Found {
  const labels = labelsInside(question.name, zone);
  const [kind, ...rest] = labels;
  switch (kind) {
    case undefined:
      return apex(settings, names, question, zone);
    case "dns-version":
      if (rest.length > 0) return { kind: "no-name" };
      return onlyFor("TXT", question, { type: "TXT", name: question.name, ttl: SCHEMA_TTL, texts: [SCHEMA_VERSION] });
    case "dns":
      if (rest.length !== 1 || rest[0] !== "ns") return { kind: "no-name" };
      return ofType(question, nameServer(settings, names, question, zone));
    case "svc":
      return rest.length === 0 ? { kind: "no-data" } : serviceAnswers({ settings, names, question, zone }, rest);
    case "pod":
      return findPod(settings, names, question, rest);
    default:
      return { kind: "no-name" };
  }
}

function apex(settings: KubernetesSettings, names: ClusterNames, question: KubernetesQuestion, zone: DnsName): Found {
  if (question.type === "SOA") return { kind: "records", answers: [startOfAuthority(settings, zone)] };
  if (question.type !== "NS") return { kind: "no-data" };
  const additional = nameServer(settings, names, question, zone);
  return { kind: "records", answers: [{ type: "NS", name: zone, ttl: settings.ttl, target: `ns.dns.${zone}` }], additional };
}

/** The addresses of the service that this server is an endpoint of; before it is one, its own. */
function nameServer(settings: KubernetesSettings, names: ClusterNames, question: KubernetesQuestion, zone: DnsName): DnsRecord[] {
  const services = question.ownAddresses
    .flatMap((own) => names.endpointsAt(own))
    .flatMap(({ namespace, service }) => names.service(namespace, service)?.addresses ?? []);
  const addresses = new Set(services.length > 0 ? services : question.ownAddresses);
  return [...addresses].flatMap((address) => addressRecord(`ns.dns.${zone}`, settings.ttl, address));
}

/** A pod's name spells its address: `10-0-0-5.default.pod.cluster.local`. */
function findPod(settings: KubernetesSettings, names: ClusterNames, question: KubernetesQuestion, labels: readonly string[]): Found {
  const [namespace, pod, ...more] = labels;
  if (settings.pods === "disabled") return { kind: "no-name" };
  if (namespace === undefined) return { kind: "no-data" };
  if (!isSeen(settings, namespace) || !names.hasNamespace(namespace) || more.length > 0) return { kind: "no-name" };
  if (pod === undefined) return { kind: "no-data" };
  const address = addressOfDashes(pod);
  if (address === undefined) return { kind: "no-name" };
  if (settings.pods === "verified" && !names.hasPodAt(namespace, address)) return { kind: "no-name" };
  return ofType(question, addressRecord(question.name, settings.ttl, address));
}

/** A cluster IP leads to its service alone; any other address to every endpoint that has it. */
function findReverse(settings: KubernetesSettings, names: ClusterNames, question: KubernetesQuestion): Found {
  const zone = settings.zones.find((one) => !isReverseZone(one));
  const address = addressOfReverse(question.name);
  if (zone === undefined || address === undefined) return { kind: "no-name" };
  const services = names.servicesAt(address).filter((service) => isSeen(settings, service.namespace));
  const targets =
    services.length > 0
      ? services.slice(0, 1).map((service) => `${service.name}.${service.namespace}.svc.${zone}`)
      : names
          .endpointsAt(address)
          .filter(({ namespace }) => isSeen(settings, namespace))
          .map(({ namespace, service, endpoint }) => `${endpointLabel(settings, endpoint)}.${service}.${namespace}.svc.${zone}`);
  if (targets.length === 0) return { kind: "no-name" };
  const records = [...new Set(targets)].map((target): DnsRecord => ({
    type: "PTR",
    name: question.name,
    ttl: settings.ttl,
    target: target.toLowerCase(),
  }));
  return question.type === "PTR" ? { kind: "records", answers: records } : { kind: "no-data" };
}

function onlyFor(type: string, question: DnsQuestion, record: DnsRecord): Found {
  return question.type === type ? { kind: "records", answers: [record] } : { kind: "no-data" };
}
