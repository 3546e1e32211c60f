export { createKubeProxy, type KubeProxy, type KubeProxyOptions } from "./kube-proxy.ts";
export { forgetStaleFlows } from "./forget-flows.ts";
export { healthChecks, nodeHealthAnswer, serviceHealthAnswer, type ServiceHealth } from "./health-checks.ts";
export { HEALTHZ_PORT, openNodePages, type NodePages } from "./node-pages.ts";
export { renderChange, renderNoServices, renderTable } from "./nftables-text.ts";
export { nodeTable, SERVICES_TABLE, type NodeTable } from "./node-table.ts";
export { routeReader, serviceRoutes, type Backend, type ServiceRoute, type ServiceView } from "./service-rules.ts";
export { staleFlows, type StaleFlows } from "./stale-flows.ts";
