import { ipv4FromBytes, ipv4ToBytes, type Cidr4, type Ipv4 } from "@slash28/address";
import { AF_INET } from "./address.ts";
import { attributesByType, encodeAttributes, type Attribute } from "./attribute.ts";
import { concat, readU32, u32, zeroed } from "./bytes.ts";
import { defined } from "./defined.ts";

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
const RTA = { destination: 1, link: 4, gateway: 5, priority: 6, source: 7, table: 15 } as const;
const RTNH_F_ONLINK = 4;

/** The message's payload: `struct rtmsg` and attributes. */
export function encodeRoute(route: RouteMessage): Uint8Array {
  const header = zeroed(HEADER);
  // Tables above 255 do not fit into the header; the attribute always says it.
  header.bytes.set([AF_INET, route.destination.length, 0, 0, route.table < 256 ? route.table : TABLE.unspecified]);
  header.bytes.set([route.protocol, route.scope, route.type], 5);
  header.view.setUint32(8, route.onlink ? RTNH_F_ONLINK : 0, true);
  const attributes: Attribute[] = [{ type: RTA.table, data: u32(route.table) }];
  if (route.destination.length > 0) attributes.push({ type: RTA.destination, data: ipv4ToBytes(route.destination.base) });
  if (route.gateway !== undefined) attributes.push({ type: RTA.gateway, data: ipv4ToBytes(route.gateway) });
  if (route.link !== undefined) attributes.push({ type: RTA.link, data: u32(route.link) });
  if (route.source !== undefined) attributes.push({ type: RTA.source, data: ipv4ToBytes(route.source) });
  if (route.priority !== undefined) attributes.push({ type: RTA.priority, data: u32(route.priority) });
  return concat([header.bytes, encodeAttributes(attributes)]);
}

/** Reads a payload of {@link encodeRoute} or of the kernel; `undefined` when it is of another family. */
export function decodeRoute(payload: Uint8Array): RouteMessage | undefined {
  if (payload[0] !== AF_INET) return undefined;
  const attributes = attributesByType(payload.subarray(HEADER));
  const address = (type: number): Ipv4 | undefined => {
    const data = attributes.get(type);
    return data?.length === 4 ? ipv4FromBytes(data) : undefined;
  };
  const number = (type: number): number | undefined => {
    const data = attributes.get(type);
    return data === undefined ? undefined : readU32(data);
  };
  return defined<RouteMessage>({
    table: number(RTA.table) ?? payload[4] ?? TABLE.unspecified,
    destination: { base: address(RTA.destination) ?? (0 as Ipv4), length: payload[1] ?? 0 },
    type: payload[7] ?? ROUTE_TYPE.unicast,
    scope: payload[6] ?? 0,
    protocol: payload[5] ?? PROTOCOL.unspecified,
    onlink: ((payload[8] ?? 0) & RTNH_F_ONLINK) !== 0,
    gateway: address(RTA.gateway),
    link: number(RTA.link),
    source: address(RTA.source),
    priority: number(RTA.priority),
  });
}
