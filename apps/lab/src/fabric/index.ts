export { INTERNET, INTERNET_IPV6, METADATA_ADDRESS } from "./addresses.ts";
export { createFabric, removeFabric, type Fabric } from "./fabric.ts";
export { instanceNamespace, internetNamespace, namespacePrefix, routerNamespace } from "./names.ts";
export { readTopology } from "./read-topology.ts";
export { planRouter } from "./router-plan.ts";
export { routerRules } from "./router-rules.ts";
export type {
  FabricEni,
  FabricGroup,
  FabricInstance,
  FabricIpv6Route,
  FabricNatGateway,
  FabricRoute,
  FabricRouteTable,
  FabricRule,
  Topology,
} from "./topology.ts";
