import { AF_INET, encodeAddress, type AddressMessage } from "./address.ts";
import { FLAG } from "./frame.ts";
import { encodeLink, type LinkMessage } from "./link.ts";
import { encodeNeighbour, NDA, type NeighbourMessage } from "./neighbour.ts";
import { PayloadWriter } from "./payload-writer.ts";
import { encodeRoute, RTA, type RouteMessage } from "./route.ts";
import { encodeRule, type RuleMessage } from "./rule.ts";

/** A message to the kernel before it has a sequence number. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** rtnetlink message types (rtnetlink(7)): new, delete and get of one object are neighbours. */
export const RTM = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  setLink: 19,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
  newNeighbour: 28,
  deleteNeighbour: 29,
  getNeighbour: 30,
  newRule: 32,
  deleteRule: 33,
  getRule: 34,
} as const;

/** What adding does when the object is there already: refuse with EEXIST, or put the new one in its place. */
export type IfPresent = "refuse" | "replace";

const MAKE: Record<IfPresent, number> = {
  refuse: FLAG.request | FLAG.ack | FLAG.create | FLAG.exclusive,
  replace: FLAG.request | FLAG.ack | FLAG.create | FLAG.replace,
};
/** RTEXT_FILTER_SKIP_STATS: counters are most of what the kernel tells of a link, and nobody here reads them. */
const NO_STATISTICS = 8;
const CHANGE = FLAG.request | FLAG.ack;
const DUMP = FLAG.request | FLAG.dump;

export function addLink(link: LinkMessage): Request {
  return { type: RTM.newLink, flags: MAKE.refuse, payload: encodeLink(link) };
}

/** Changes the link named by index, or by name when there is no index. */
export function setLink(link: LinkMessage): Request {
  return { type: RTM.newLink, flags: CHANGE, payload: encodeLink(link) };
}

/** By index, name, or, with neither, every link of the group. */
export function deleteLink(link: Pick<LinkMessage, "index" | "name" | "group">): Request {
  return { type: RTM.deleteLink, flags: CHANGE, payload: encodeLink(link) };
}

export function getLink(link: Pick<LinkMessage, "index" | "name">): Request {
  return { type: RTM.getLink, flags: FLAG.request, payload: encodeLink({ ...link, answerMask: NO_STATISTICS }) };
}

export function addAddress(address: AddressMessage, ifPresent: IfPresent = "refuse"): Request {
  return { type: RTM.newAddress, flags: MAKE[ifPresent], payload: encodeAddress(address) };
}

export function deleteAddress(address: AddressMessage): Request {
  return { type: RTM.deleteAddress, flags: CHANGE, payload: encodeAddress(address) };
}

export function addRoute(route: RouteMessage, ifPresent: IfPresent = "refuse"): Request {
  return { type: RTM.newRoute, flags: MAKE[ifPresent], payload: encodeRoute(route) };
}

export function deleteRoute(route: RouteMessage): Request {
  return { type: RTM.deleteRoute, flags: CHANGE, payload: encodeRoute(route) };
}

/** Rules cannot be replaced: an equal one is refused with EEXIST, any other one is added beside. */
export function addRule(rule: RuleMessage): Request {
  return { type: RTM.newRule, flags: MAKE.refuse, payload: encodeRule(rule) };
}

export function deleteRule(rule: RuleMessage): Request {
  return { type: RTM.deleteRule, flags: CHANGE, payload: encodeRule(rule) };
}

export function putNeighbour(neighbour: NeighbourMessage): Request {
  return { type: RTM.newNeighbour, flags: MAKE.replace, payload: encodeNeighbour(neighbour) };
}

export function deleteNeighbour(neighbour: NeighbourMessage): Request {
  return { type: RTM.deleteNeighbour, flags: CHANGE, payload: encodeNeighbour(neighbour) };
}

export function dumpLinks(): Request {
  return { type: RTM.getLink, flags: DUMP, payload: encodeLink({ answerMask: NO_STATISTICS }) };
}

/*
 * Dumps can be narrowed down. A socket without NETLINK_GET_STRICT_CHK is sent everything all the same: look at what comes.
 */

/** Addresses of every link, or of the one with this index. */
export function dumpAddresses(link = 0): Request {
  const to = dumpOf(8);
  to.setU32(4, link);
  return { type: RTM.getAddress, flags: DUMP, payload: to.finish() };
}

/** Routes of every table over every link, or over the one with this index. */
export function dumpRoutes(link?: number): Request {
  const to = dumpOf(12);
  if (link !== undefined) to.u32(RTA.link, link);
  return { type: RTM.getRoute, flags: DUMP, payload: to.finish() };
}

export function dumpRules(): Request {
  return { type: RTM.getRule, flags: DUMP, payload: dumpOf(12).finish() };
}

/** Neighbours on every link, or on the one with this index. */
export function dumpNeighbours(link?: number): Request {
  const to = dumpOf(12);
  if (link !== undefined) to.u32(NDA.link, link);
  return { type: RTM.getNeighbour, flags: DUMP, payload: to.finish() };
}

function dumpOf(headerLength: number): PayloadWriter {
  const to = new PayloadWriter();
  to.setU8(to.structure(headerLength), AF_INET);
  return to;
}
