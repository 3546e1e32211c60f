export { createDnsServer, type DnsServer, type DnsServerOptions } from "./dns-server.ts";
export { followCluster, type FollowedCluster } from "./cluster/follow-cluster.ts";
export { createDnsMetrics, DNS_SERIES, type DnsMetrics } from "./dns-metrics.ts";
