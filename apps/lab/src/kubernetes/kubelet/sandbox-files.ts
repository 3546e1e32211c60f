import type { ClusterAccess, NodeSpec } from "./kubelet-options.ts";
import type { Pod } from "./pod.ts";

/** The VPC's own resolver, as instances reach it. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
const VPC_RESOLVER = "169.254.169.253";

/** A pod's /etc/hosts. */
export function hostsFile(pod: Pod, node: NodeSpec, podIp: string | undefined, domain: string): string {
  const { hostname, subdomain, hostNetwork, hostAliases } = pod.spec;
  const name = hostNetwork === true ? node.name : (hostname ?? pod.metadata.name);
  const full = subdomain === undefined ? [] : [`${name}.${subdomain}.${pod.metadata.namespace ?? "default"}.svc.${domain}`];
  return [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    ...(podIp === undefined ? [] : [`${podIp}\t${[...full, name].join("\t")}`]),
    ...(hostAliases ?? []).map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join("\t")}`),
    "",
  ].join("\n");
}

type Resolver = Pick<ClusterAccess, "dnsAddress" | "domain" | "nodeResolvers">;

interface ResolverLines {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** A pod's /etc/resolv.conf, by its DNS policy. https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ */
export function resolvConf(pod: Pod, node: NodeSpec, cluster: Resolver): string {
  const base = policyLines(pod, node, cluster);
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {};
  const own = options.map(({ name, value }) => (value === undefined ? name : `${name}:${value}`));
  const lines = (word: string, values: readonly string[]): readonly string[] =>
    values.length === 0 ? [] : [`${word} ${[...new Set(values)].join(" ")}`];
  return [
    ...lines("search", [...base.searches, ...searches]),
    ...[...new Set([...base.servers, ...nameservers])].map((address) => `nameserver ${address}`),
    ...lines("options", [...base.options, ...own]),
    "",
  ].join("\n");
}

function policyLines(pod: Pod, node: NodeSpec, { dnsAddress, domain, nodeResolvers }: Resolver): ResolverLines {
  const policy = pod.spec.dnsPolicy ?? "ClusterFirst";
  if (policy === "None") return { servers: [], searches: [], options: [] };
  const region = node.region === "us-east-1" ? "ec2.internal" : `${node.region}.compute.internal`;
  // A pod on the node's network uses the node's resolver unless it says otherwise.
  const usesCluster = policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && pod.spec.hostNetwork !== true);
  if (!usesCluster || dnsAddress === undefined) return { servers: nodeResolvers ?? [VPC_RESOLVER], searches: [region], options: [] };
  const namespace = pod.metadata.namespace ?? "default";
  return { servers: [dnsAddress], searches: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, region], options: ["ndots:5"] };
}
