import { encodeAddress, AF_INET, type AddressMessage } from "./address.ts";
import { zeroed } from "./bytes.ts";
import { encodeFrame, FLAG } from "./frame.ts";
import { encodeLink, type LinkMessage } from "./link.ts";
import { encodeNeighbour, type NeighbourMessage } from "./neighbour.ts";
import { encodeRoute, type RouteMessage } from "./route.ts";
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
const CHANGE = FLAG.request | FLAG.ack;
const DUMP = FLAG.request | FLAG.dump;

/** The bytes to send. */
export function encodeRequest(request: Request, sequence: number): Uint8Array {
  return encodeFrame({ ...request, sequence });
}

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
  return { type: RTM.getLink, flags: FLAG.request, payload: encodeLink(link) };
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
  return { type: RTM.getLink, flags: DUMP, payload: encodeLink({}) };
}

export function dumpAddresses(): Request {
  return { type: RTM.getAddress, flags: DUMP, payload: familyHeader(8) };
}

export function dumpRoutes(): Request {
  return { type: RTM.getRoute, flags: DUMP, payload: familyHeader(12) };
}

export function dumpRules(): Request {
  return { type: RTM.getRule, flags: DUMP, payload: familyHeader(12) };
}

export function dumpNeighbours(): Request {
  return { type: RTM.getNeighbour, flags: DUMP, payload: familyHeader(12) };
}

function familyHeader(length: number): Uint8Array {
  const { bytes } = zeroed(length);
  bytes[0] = AF_INET;
  return bytes;
}
