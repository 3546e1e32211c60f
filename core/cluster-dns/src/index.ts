export {
  bareReply,
  wireTypeOf,
  type AddressRecord,
  type AuthorityRecord,
  type DnsName,
  type DnsQuestion,
  type DnsRcode,
  type DnsRecord,
  type DnsReply,
  type NameRecord,
  type OtherRecord,
  type ServiceRecord,
  type TextRecord,
} from "./message.ts";
export {
  addressOfReverse,
  addressType,
  closestZone,
  dashedAddress,
  dnsName,
  isReverseZone,
  isWithin,
  labelsInside,
  labelsOf,
} from "./names.ts";
export { parseCorefile, type Checked, type CorefileProblem, type Directive, type ServerBlock } from "./corefile/parse-corefile.ts";
export { readCorefile, type BlockSettings } from "./corefile/block-settings.ts";
export type { ListenAddress } from "./corefile/arguments.ts";
export { nameserversOf, type ForwardSettings, type ForwardTarget } from "./corefile/read-forward.ts";
export {
  ClusterIndex,
  type ClusterNames,
  type EndpointOfService,
  type NamedEndpoint,
  type NamedPort,
  type NamedService,
  type NamedSlice,
} from "./kubernetes/cluster-names.ts";
export { namedService, namedSlice, podAddress, type ApiObject } from "./kubernetes/read-objects.ts";
export { answerKubernetes, type KubernetesOutcome, type KubernetesQuestion } from "./kubernetes/answer-kubernetes.ts";
export type { KubernetesSettings } from "./kubernetes/lookup.ts";
export { DnsCache, DEFAULT_CACHE, type CacheClass, type CacheKey, type CacheKind, type CacheSettings, type Found } from "./cache.ts";
export { answerHosts, hostsPassOn, parseHosts, type HostsEntry, type HostsSettings } from "./hosts.ts";
export { namedBack, rewriteName, type RewriteRule } from "./rewrite.ts";
export { shuffled } from "./load-balance.ts";
