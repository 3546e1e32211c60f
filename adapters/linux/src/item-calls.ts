import { ipv4ToBytes, type Ipv4 } from "@slash28/address";
import { renderItem, type RuleItem } from "@slash28/host-network";
import { dumpAddresses, dumpNeighbours, dumpRoutes, dumpRules, ERRNO, type Frame, type Outcome } from "@slash28/netlink";
import { foundAddress, foundNeighbour, foundRoute, foundRule, type NameOf } from "./found-item.ts";
import { putRequest, removeRequest } from "./item-message.ts";
import { listLinks } from "./link-calls.ts";
import { demandUnlessAbsent, findLink, linkIndex } from "./netlink-call.ts";
import { refusal, type NetlinkSocket } from "./netlink-socket.ts";
import type { FoundLink, Netlink, PlacedItem } from "./netlink.ts";

/** The calls of {@link Netlink} that are about addresses, routes, rules and neighbours. */
export function itemCalls(socket: NetlinkSocket): Pick<Netlink, "put" | "remove" | "addresses" | "routes" | "rules" | "neighbours"> {
  const names = (): NameOf => {
    const byIndex = new Map(listLinks(socket).map((link) => [link.index, link.name]));
    return (index) => byIndex.get(index);
  };

  return {
    put(item) {
      const index = item.kind === "rule" ? 0 : linkIndex(socket, item.link, `adding ${renderItem(item)}`);
      const [outcome] = socket.transact([putRequest(item, index)]);
      if (outcome !== undefined) checkPut(item, outcome);
    },
    remove(item) {
      const found = item.kind === "rule" ? { index: 0 } : findLink(socket, item.link);
      if (found === undefined) return false;
      return demandUnlessAbsent(socket, removeRequest(item, found.index), `deleting ${renderItem(item)}`);
    },
    addresses(link) {
      const nameOf = names();
      const all = read(socket.dump(dumpAddresses(), "listing addresses"), (payload) => foundAddress(payload, nameOf));
      return link === undefined ? all : all.filter((address) => address.link === link);
    },
    routes(table) {
      const nameOf = names();
      const all = read(socket.dump(dumpRoutes(), "listing routes"), (payload) => foundRoute(payload, nameOf));
      return table === undefined ? all : all.filter((route) => route.table === table);
    },
    rules: () => listRules(socket),
    neighbours() {
      const nameOf = names();
      return read(socket.dump(dumpNeighbours(), "listing neighbours"), (payload) => foundNeighbour(payload, nameOf));
    },
  };
}

/** Addresses, routes and permanent neighbours of one link; a kernel that cannot narrow its answer down tells all, and they are left out here. */
export function itemsOfLink(socket: NetlinkSocket, link: FoundLink): readonly PlacedItem[] {
  const nameOf: NameOf = (index) => (index === link.index ? link.name : undefined);
  return [
    ...read(socket.dump(dumpAddresses(link.index), "listing addresses"), (payload) => foundAddress(payload, nameOf)),
    ...read(socket.dump(dumpRoutes(link.index), "listing routes"), (payload) => foundRoute(payload, nameOf)),
    ...read(socket.dump(dumpNeighbours(link.index), "listing neighbours"), (payload) => foundNeighbour(payload, nameOf)),
  ];
}

function listRules(socket: NetlinkSocket): readonly RuleItem[] {
  return read(socket.dump(dumpRules(), "listing rules"), foundRule);
}

/** The rules to or from an address. The kernel cannot narrow rules down, and a full node has hundreds: only these are read. */
export function rulesAbout(socket: NetlinkSocket, address: Ipv4): readonly RuleItem[] {
  const bytes = ipv4ToBytes(address);
  const frames = socket.dump(dumpRules(), "listing rules", (payload) => holds(payload, bytes));
  return read(frames, foundRule).filter(({ from, to }) => from?.base === address || to?.base === address);
}

/** Whether four bytes stand anywhere in a message; its values start at multiples of four. */
function holds(payload: Uint8Array, [a, b, c, d]: Uint8Array): boolean {
  for (let at = 0; at < payload.length; at += 4) {
    if (payload[at] === a && payload[at + 1] === b && payload[at + 2] === c && payload[at + 3] === d) return true;
  }
  return false;
}

/** Raises the fault of a refused `put`. Rules cannot be replaced: that an equal one is there is what was wanted. */
export function checkPut(item: PlacedItem, outcome: Outcome): void {
  if (outcome.kind !== "refused" || (item.kind === "rule" && outcome.errno === ERRNO.EEXIST)) return;
  throw refusal(outcome, `adding ${renderItem(item)}`);
}

function read<T>(frames: readonly Frame[], decode: (payload: Uint8Array) => T | undefined): readonly T[] {
  return frames.map((frame) => decode(frame.payload)).filter((item) => item !== undefined);
}
