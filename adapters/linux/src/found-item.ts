import type { AddressItem, NeighbourItem, RouteItem, RuleItem } from "@slash28/host-network";
import {
  decodeAddress,
  decodeLinkAnswer,
  decodeNeighbour,
  decodeRoute,
  decodeRule,
  NEIGHBOUR_STATE,
  ROUTE_TYPE,
  RULE_ACTION,
  SCOPE,
  TABLE,
} from "@slash28/netlink";
import type { FoundLink } from "./netlink.ts";

/** The name of a link by index; a link can go between two dumps. */
export type NameOf = (index: number) => string | undefined;

export function foundLink(payload: Uint8Array): FoundLink {
  const { index = 0, name = "", mtu = 0, group = 0, up, kind, mac, master, peerIndex } = decodeLinkAnswer(payload);
  const type = kind?.type === "other" ? kind.name : kind?.type;
  return {
    index,
    name,
    mtu,
    group,
    up,
    ...(type === undefined ? {} : { type }),
    ...(mac === undefined ? {} : { mac }),
    ...(master === undefined ? {} : { master }),
    ...(peerIndex === undefined ? {} : { peer: peerIndex }),
  };
}

export function foundAddress(payload: Uint8Array, nameOf: NameOf): AddressItem | undefined {
  const message = decodeAddress(payload);
  const link = message === undefined ? undefined : nameOf(message.index);
  if (message === undefined || link === undefined) return undefined;
  // The kernel makes no subnet route for a /32 anyway.
  const subnetRoute = !message.noPrefixRoute && message.length < 32;
  return { kind: "address", link, address: message.address, length: message.length, subnetRoute };
}

/** Unicast routes through one link; blackholes, multipath and the kernel's local table are not ours to know. */
export function foundRoute(payload: Uint8Array, nameOf: NameOf): RouteItem | undefined {
  const message = decodeRoute(payload);
  if (message === undefined || message.type !== ROUTE_TYPE.unicast || message.table === TABLE.local) return undefined;
  const link = message.link === undefined ? undefined : nameOf(message.link);
  if (link === undefined) return undefined;
  return {
    kind: "route",
    table: message.table,
    destination: message.destination,
    link,
    scope: message.scope === SCOPE.link ? "link" : "global",
    ...(message.gateway === undefined ? {} : { gateway: message.gateway }),
    ...(message.source === undefined ? {} : { source: message.source }),
  };
}

export function foundRule(payload: Uint8Array): RuleItem | undefined {
  const message = decodeRule(payload);
  if (message === undefined || message.action !== RULE_ACTION.table) return undefined;
  const { table, priority = 0, from, to, mark, inputLink } = message;
  return {
    kind: "rule",
    priority,
    table,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(mark === undefined ? {} : { mark }),
    ...(inputLink === undefined ? {} : { inputLink }),
  };
}

export function foundNeighbour(payload: Uint8Array, nameOf: NameOf): NeighbourItem | undefined {
  const message = decodeNeighbour(payload);
  const link = message === undefined ? undefined : nameOf(message.index);
  if (message?.mac === undefined || link === undefined || message.state !== NEIGHBOUR_STATE.permanent) return undefined;
  return { kind: "neighbour", link, address: message.address, mac: message.mac };
}
