import { formatCidr6, formatIpv6 } from "@slash28/address";
import {
  addIpv6Address,
  addIpv6Route,
  decodeIpv6Route,
  deleteIpv6Address,
  deleteIpv6Route,
  dumpIpv6Routes,
  putIpv6Neighbour,
  type Ipv6RouteMessage,
} from "@slash28/netlink";
import { listLinks } from "./link-calls.ts";
import { demandUnlessAbsent, findLink, linkIndex } from "./netlink-call.ts";
import { refusal, type NetlinkSocket } from "./netlink-socket.ts";
import type { Ipv6Item, Ipv6Route, Netlink } from "./netlink.ts";

/** The calls of {@link Netlink} that are about IPv6. */
export function ipv6Calls(socket: NetlinkSocket): Pick<Netlink, "putIpv6" | "removeIpv6Address" | "removeIpv6Route" | "ipv6Routes"> {
  return {
    putIpv6(item) {
      const doing = `adding ${textOf(item)}`;
      const index = linkIndex(socket, item.link, doing);
      const [outcome] = socket.transact([requestOf(item, index)]);
      if (outcome?.kind === "refused") throw refusal(outcome, doing);
    },
    removeIpv6Address(item) {
      const link = findLink(socket, item.link);
      if (link === undefined) return false;
      const { address, length } = item;
      return demandUnlessAbsent(socket, deleteIpv6Address({ index: link.index, address, length }), `deleting ${textOf(item)}`);
    },
    removeIpv6Route(route) {
      const link = findLink(socket, route.link);
      if (link === undefined) return false;
      return demandUnlessAbsent(socket, deleteIpv6Route(messageOf(route, link.index)), `deleting ${textOf(route)}`);
    },
    ipv6Routes(table) {
      const names = new Map(listLinks(socket).map((link) => [link.index, link.name]));
      return socket.dump(dumpIpv6Routes(), "listing IPv6 routes").flatMap(({ payload }): Ipv6Route[] => {
        const message = decodeIpv6Route(payload);
        const link = message === undefined ? undefined : names.get(message.link);
        if (message === undefined || link === undefined || message.table !== table) return [];
        const { destination, gateway } = message;
        return [{ kind: "route", table, destination, link, ...(gateway === undefined ? {} : { gateway }) }];
      });
    },
  };
}

function requestOf(item: Ipv6Item, index: number) {
  switch (item.kind) {
    case "address":
      return addIpv6Address({ index, address: item.address, length: item.length });
    case "route":
      return addIpv6Route(messageOf(item, index));
    case "neighbour":
      return putIpv6Neighbour(index, item.address, item.mac);
    default:
      return item satisfies never;
  }
}

function messageOf({ table, destination, gateway }: Ipv6Route, link: number): Ipv6RouteMessage {
  return { table, destination, link, ...(gateway === undefined ? {} : { gateway }) };
}

function textOf(item: Ipv6Item): string {
  const what = item.kind === "route" ? formatCidr6(item.destination) : formatIpv6(item.address);
  return `IPv6 ${item.kind} ${what} on ${item.link}`;
}
