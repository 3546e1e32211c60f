import { ipv6Calls } from "./ipv6-calls.ts";
import { itemCalls } from "./item-calls.ts";
import { linkCalls } from "./link-calls.ts";
import { withNamespace } from "./netlink-call.ts";
import { openNetlinkSocket, type NetlinkSocket } from "./netlink-socket.ts";
import { inNamespace } from "./network-namespace.ts";
import type { Netlink } from "./netlink.ts";

/** Opens the rtnetlink interface of a namespace, by path or descriptor; absent: the one this thread is in. Close it after use. */
export function openNetlink(namespace?: string | number): Netlink {
  return netlinkOver(withNamespace(namespace, (fd) => (fd === undefined ? openNetlinkSocket() : inNamespace(fd, openNetlinkSocket))));
}

/** Plain-data calls over a socket that is already open. */
export function netlinkOver(socket: NetlinkSocket): Netlink {
  return { ...linkCalls(socket), ...itemCalls(socket), ...ipv6Calls(socket), close: () => socket.close() };
}
