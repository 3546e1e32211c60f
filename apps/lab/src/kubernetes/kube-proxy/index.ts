export { createKubeProxy, type KubeProxy, type KubeProxyOptions } from "./kube-proxy.ts";
export { SERVICES_TABLE, renderNoServices, renderServices } from "./nftables-text.ts";
export { serviceRoutes, type Backend, type ServiceRoute, type ServiceView } from "./service-rules.ts";
