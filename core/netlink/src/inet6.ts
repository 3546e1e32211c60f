import { ipv6FromBytes, ipv6ToBytes, macToBytes, type Cidr6, type Ipv6, type Mac } from "@slash28/address";
import { AttributeReader } from "./attribute-reader.ts";
import { FLAG } from "./frame.ts";
import { NDA, NEIGHBOUR_STATE } from "./neighbour.ts";
import { PayloadWriter } from "./payload-writer.ts";
import { RTM, type Request } from "./request.ts";
import { PROTOCOL, ROUTE_TYPE, RTA, TABLE } from "./route.ts";

/*
 * Addresses, routes and neighbours of IPv6: the messages of IPv4 with longer addresses, another family, and flags of their own.
 */

export const AF_INET6 = 10;

const IFA = { address: 1, flags: 8 } as const;
/** IFA_F_NODAD: used at once, nobody is asked whether it is taken. */
const NO_DAD = 0x02;
const NO_PREFIX_ROUTE = 0x200;
const SCOPE_LINK = 253;
const LINK_LOCAL = 0xfe80n;
const CHANGE = FLAG.request | FLAG.ack;
const REPLACE = CHANGE | FLAG.create | FLAG.replace;

export interface Ipv6AddressMessage {
  readonly index: number;
  readonly address: Ipv6;
  readonly length: number;
}

/** A unicast route; through a gateway, or to the link itself. */
export interface Ipv6RouteMessage {
  readonly table: number;
  readonly destination: Cidr6;
  readonly gateway?: Ipv6;
  readonly link: number;
}

/** Adds an address without asking the link for it and without a route to its range. */
export function addIpv6Address(message: Ipv6AddressMessage): Request {
  return { type: RTM.newAddress, flags: REPLACE, payload: encodeIpv6Address(message) };
}

export function deleteIpv6Address(message: Ipv6AddressMessage): Request {
  return { type: RTM.deleteAddress, flags: CHANGE, payload: encodeIpv6Address(message) };
}

function encodeIpv6Address({ index, address, length }: Ipv6AddressMessage): Uint8Array {
  const to = new PayloadWriter();
  const header = to.structure(8);
  to.setU8(header, AF_INET6);
  to.setU8(header + 1, length);
  to.setU8(header + 2, NO_DAD);
  to.setU8(header + 3, address >> 112n === LINK_LOCAL ? SCOPE_LINK : 0);
  to.setU32(header + 4, index);
  to.bytes(IFA.address, ipv6ToBytes(address));
  to.u32(IFA.flags, NO_DAD | NO_PREFIX_ROUTE);
  return to.finish();
}

export function addIpv6Route(route: Ipv6RouteMessage): Request {
  return { type: RTM.newRoute, flags: REPLACE, payload: encodeIpv6Route(route, PROTOCOL.static) };
}

export function deleteIpv6Route(route: Ipv6RouteMessage): Request {
  return { type: RTM.deleteRoute, flags: CHANGE, payload: encodeIpv6Route(route, PROTOCOL.unspecified) };
}

function encodeIpv6Route({ table, destination, gateway, link }: Ipv6RouteMessage, protocol: number): Uint8Array {
  const to = new PayloadWriter();
  const header = to.structure(12);
  to.setU8(header, AF_INET6);
  to.setU8(header + 1, destination.length);
  to.setU8(header + 4, table < 256 ? table : TABLE.unspecified);
  to.setU8(header + 5, protocol);
  to.setU8(header + 7, ROUTE_TYPE.unicast);
  to.u32(RTA.table, table);
  if (destination.length > 0) to.bytes(RTA.destination, ipv6ToBytes(destination.base));
  if (gateway !== undefined) to.bytes(RTA.gateway, ipv6ToBytes(gateway));
  to.u32(RTA.link, link);
  return to.finish();
}

/** Reads a unicast route of the kernel's answer; `undefined` for any other message. */
export function decodeIpv6Route(payload: Uint8Array): Ipv6RouteMessage | undefined {
  if (payload[0] !== AF_INET6 || payload[7] !== ROUTE_TYPE.unicast) return undefined;
  const attributes = new AttributeReader(payload, 12);
  const link = attributes.u32(RTA.link);
  if (link === undefined) return undefined;
  const gateway = attributes.bytes(RTA.gateway);
  return {
    table: attributes.u32(RTA.table) ?? payload[4] ?? TABLE.unspecified,
    destination: { base: ipv6FromBytes(attributes.bytes(RTA.destination) ?? new Uint8Array(16)), length: payload[1] ?? 0 },
    link,
    ...(gateway === undefined ? {} : { gateway: ipv6FromBytes(gateway) }),
  };
}

export function dumpIpv6Routes(): Request {
  const to = new PayloadWriter();
  to.setU8(to.structure(12), AF_INET6);
  return { type: RTM.getRoute, flags: FLAG.request | FLAG.dump, payload: to.finish() };
}

/** A permanent neighbour entry: the kernel never asks the link for this address. */
export function putIpv6Neighbour(index: number, address: Ipv6, mac: Mac): Request {
  const to = new PayloadWriter();
  const header = to.structure(12);
  to.setU8(header, AF_INET6);
  to.setU32(header + 4, index);
  to.setU16(header + 8, NEIGHBOUR_STATE.permanent);
  to.bytes(NDA.address, ipv6ToBytes(address));
  to.bytes(NDA.mac, macToBytes(mac));
  return { type: RTM.newNeighbour, flags: REPLACE, payload: to.finish() };
}
