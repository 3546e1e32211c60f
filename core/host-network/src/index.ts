export type { PodWiring, EniWiring, HostWiring, SnatSettings } from "./pod-wiring.ts";
export type {
  AddressItem,
  LinkItem,
  NeighbourItem,
  NetworkItem,
  NetworkState,
  NftablesItem,
  RouteItem,
  RuleItem,
  SysctlItem,
} from "./network-items.ts";
