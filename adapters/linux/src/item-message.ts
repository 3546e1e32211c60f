import type { AddressItem, NeighbourItem, RouteItem, RuleItem } from "@slash28/host-network";
import {
  addAddress,
  addRoute,
  addRule,
  deleteAddress,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  NEIGHBOUR_STATE,
  PROTOCOL,
  putNeighbour,
  ROUTE_TYPE,
  RULE_ACTION,
  SCOPE,
  type AddressMessage,
  type NeighbourMessage,
  type Request,
  type RouteMessage,
  type RuleMessage,
} from "@slash28/netlink";
import type { PlacedItem } from "./netlink.ts";

const LOOPBACK_NET = 127;

/** The request that adds an item on the link of this index, or puts it in the place of the one there. */
export function putRequest(item: PlacedItem, index: number): Request {
  switch (item.kind) {
    case "address":
      return addAddress(addressMessage(item, index), "replace");
    case "route":
      return addRoute(routeMessage(item, index), "replace");
    case "rule":
      return addRule(ruleMessage(item));
    case "neighbour":
      return putNeighbour(neighbourMessage(item, index));
    default:
      return item satisfies never;
  }
}

/** The request that takes an item away. */
export function removeRequest(item: PlacedItem, index: number): Request {
  switch (item.kind) {
    case "address":
      return deleteAddress(addressMessage(item, index));
    case "route":
      // Protocol 0 fits a route whoever added it.
      return deleteRoute({ ...routeMessage(item, index), protocol: PROTOCOL.unspecified });
    case "rule":
      return deleteRule(ruleMessage(item));
    case "neighbour":
      return deleteNeighbour(neighbourMessage(item, index));
    default:
      return item satisfies never;
  }
}

function addressMessage(item: AddressItem, index: number): AddressMessage {
  const scope = item.address >>> 24 === LOOPBACK_NET ? SCOPE.host : SCOPE.global;
  return { index, address: item.address, length: item.length, scope, noPrefixRoute: !item.subnetRoute };
}

function routeMessage(item: RouteItem, index: number): RouteMessage {
  return {
    table: item.table,
    destination: item.destination,
    type: ROUTE_TYPE.unicast,
    scope: SCOPE[item.scope],
    protocol: PROTOCOL.static,
    onlink: false,
    link: index,
    ...(item.gateway === undefined ? {} : { gateway: item.gateway }),
    ...(item.source === undefined ? {} : { source: item.source }),
  };
}

function ruleMessage(item: RuleItem): RuleMessage {
  return {
    action: RULE_ACTION.table,
    table: item.table,
    priority: item.priority,
    ...(item.from === undefined ? {} : { from: item.from }),
    ...(item.to === undefined ? {} : { to: item.to }),
    ...(item.mark === undefined ? {} : { mark: item.mark }),
    ...(item.inputLink === undefined ? {} : { inputLink: item.inputLink }),
  };
}

function neighbourMessage(item: NeighbourItem, index: number): NeighbourMessage {
  return { index, address: item.address, state: NEIGHBOUR_STATE.permanent, proxy: false, mac: item.mac };
}
