import type { Cidr4, Ipv4 } from "@slash28/address";
import { AF_INET } from "./address.ts";
import { AttributeReader } from "./attribute-reader.ts";
import { defined } from "./defined.ts";
import { PayloadWriter } from "./payload-writer.ts";

/** Route tables with a name (rtnetlink(7)). */
export const TABLE = { unspecified: 0, main: 254, local: 255 } as const;

/** What happens to a packet on a route: rtnetlink(7) RTN. Other values pass through as numbers. */
export const ROUTE_TYPE = { unicast: 1, local: 2, broadcast: 3, blackhole: 6, unreachable: 7 } as const;

/** Who put a route or rule there. */
export const PROTOCOL = { unspecified: 0, kernel: 2, boot: 3, static: 4 } as const;

/** The body of RTM_NEWROUTE and RTM_DELROUTE for IPv4. */
export interface RouteMessage {
  readonly table: number;
  readonly destination: Cidr4;
  readonly type: number;
  readonly scope: number;
  readonly protocol: number;
  /** The gateway is taken to be on the link even if no address of the link says so. */
  readonly onlink: boolean;
  readonly gateway?: Ipv4;
  /** Index of the link. */
  readonly link?: number;
  readonly source?: Ipv4;
  /** The metric; routes to one destination are asked from the lowest. */
  readonly priority?: number;
}

const HEADER = 12;
export const RTA = { destination: 1, link: 4, gateway: 5, priority: 6, source: 7, table: 15 } as const;
const RTNH_F_ONLINK = 4;

/** The message's payload: `struct rtmsg` and attributes. */
export function encodeRoute(route: RouteMessage): Uint8Array {
  const to = new PayloadWriter();
  const header = to.structure(HEADER);
  to.setU8(header, AF_INET);
  to.setU8(header + 1, route.destination.length);
  // Tables above 255 do not fit into the header; the attribute always says it.
  to.setU8(header + 4, route.table < 256 ? route.table : TABLE.unspecified);
  to.setU8(header + 5, route.protocol);
  to.setU8(header + 6, route.scope);
  to.setU8(header + 7, route.type);
  to.setU32(header + 8, route.onlink ? RTNH_F_ONLINK : 0);
  to.u32(RTA.table, route.table);
  if (route.destination.length > 0) to.bigEndianU32(RTA.destination, route.destination.base);
  if (route.gateway !== undefined) to.bigEndianU32(RTA.gateway, route.gateway);
  if (route.link !== undefined) to.u32(RTA.link, route.link);
  if (route.source !== undefined) to.bigEndianU32(RTA.source, route.source);
  if (route.priority !== undefined) to.u32(RTA.priority, route.priority);
  return to.finish();
}

/** Reads a payload of {@link encodeRoute} or of the kernel; `undefined` when it is of another family. */
export function decodeRoute(payload: Uint8Array): RouteMessage | undefined {
  if (payload[0] !== AF_INET) return undefined;
  const attributes = new AttributeReader(payload, HEADER);
  return defined<RouteMessage>({
    table: attributes.u32(RTA.table) ?? payload[4] ?? TABLE.unspecified,
    destination: { base: attributes.ipv4(RTA.destination) ?? (0 as Ipv4), length: payload[1] ?? 0 },
    type: payload[7] ?? ROUTE_TYPE.unicast,
    scope: payload[6] ?? 0,
    protocol: payload[5] ?? PROTOCOL.unspecified,
    onlink: ((payload[8] ?? 0) & RTNH_F_ONLINK) !== 0,
    gateway: attributes.ipv4(RTA.gateway),
    link: attributes.u32(RTA.link),
    source: attributes.ipv4(RTA.source),
    priority: attributes.u32(RTA.priority),
  });
}
