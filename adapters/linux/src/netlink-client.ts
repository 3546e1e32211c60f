import { renderItem } from "@slash28/host-network";
import {
  addLink,
  deleteLink,
  dumpAddresses,
  dumpLinks,
  dumpNeighbours,
  dumpRoutes,
  dumpRules,
  ERRNO,
  getLink,
  setLink,
  type Frame,
  type Request,
} from "@slash28/netlink";
import { kernelFault } from "./libc.ts";
import { closeNamespace, inNamespace, openNamespace } from "./network-namespace.ts";
import { foundAddress, foundLink, foundNeighbour, foundRoute, foundRule, type NameOf } from "./found-item.ts";
import { putRequest, removeRequest } from "./item-message.ts";
import { newLinkMessage } from "./link-message.ts";
import { openNetlinkSocket, refusal, type NetlinkSocket } from "./netlink-socket.ts";
import type { FoundLink, Netlink, PlacedItem } from "./netlink.ts";

/** Errors that mean: what you want to delete is not there. */
const ABSENT: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ESRCH, ERRNO.ENODEV, ERRNO.EADDRNOTAVAIL]);

/** Opens the rtnetlink interface of a namespace, by path or descriptor; absent: the one this thread is in. Close it after use. */
export function openNetlink(namespace?: string | number): Netlink {
  return netlinkOver(withNamespace(namespace, openNetlinkSocketThere));
}

/** Opens a socket in a namespace, by path or descriptor. */
function openNetlinkSocketThere(fd: number | undefined): NetlinkSocket {
  return fd === undefined ? openNetlinkSocket() : inNamespace(fd, openNetlinkSocket);
}

/** Plain-data calls over a socket that is already open. */
export function netlinkOver(socket: NetlinkSocket): Netlink {
  const linkIndex = (name: string, doing: string): number => {
    const found = findLink(socket, name);
    if (found === undefined) throw kernelFault(doing, ERRNO.ENODEV, `no link ${name}`);
    return found.index;
  };
  const names = (): NameOf => {
    const byIndex = new Map(listLinks(socket).map((link) => [link.index, link.name]));
    return (index) => byIndex.get(index);
  };

  return {
    links: () => listLinks(socket),
    link: (name) => findLink(socket, name),
    addLink(link) {
      const doing = `adding ${link.type} link ${link.name}`;
      const parent = link.type === "vlan" ? linkIndex(link.parent, doing) : undefined;
      withNamespace(link.type === "veth" ? link.peerNamespace : undefined, (fd) => {
        demand(socket, addLink(newLinkMessage(link, parent, fd)), doing);
      });
    },
    setLink(name, change) {
      const doing = `changing link ${name}`;
      const { master, rename, ...rest } = change;
      const index = linkIndex(name, doing);
      const bridge = master === undefined ? {} : { master: master === null ? 0 : linkIndex(master, doing) };
      demand(socket, setLink({ index, ...rest, ...bridge, ...(rename === undefined ? {} : { name: rename }) }), doing);
    },
    moveLink(name, namespace, rename) {
      const doing = `moving link ${name}`;
      const index = linkIndex(name, doing);
      withNamespace(namespace, (fd = -1) => {
        demand(socket, setLink({ index, namespaceFd: fd, ...(rename === undefined ? {} : { name: rename }) }), doing);
      });
    },
    deleteLink: (name) => demandUnlessAbsent(socket, deleteLink({ name }), `deleting link ${name}`),
    put(item) {
      const doing = `adding ${renderItem(item)}`;
      const index = item.kind === "rule" ? 0 : linkIndex(item.link, doing);
      putItem(socket, item, index);
    },
    remove(item) {
      const found = item.kind === "rule" ? { index: 0 } : findLink(socket, item.link);
      if (found === undefined) return false;
      return demandUnlessAbsent(socket, removeRequest(item, found.index), `deleting ${renderItem(item)}`);
    },
    addresses(link) {
      const nameOf = names();
      const all = found(socket.dump(dumpAddresses(), "listing addresses"), (payload) => foundAddress(payload, nameOf));
      return link === undefined ? all : all.filter((address) => address.link === link);
    },
    routes(table) {
      const nameOf = names();
      const all = found(socket.dump(dumpRoutes(), "listing routes"), (payload) => foundRoute(payload, nameOf));
      return table === undefined ? all : all.filter((route) => route.table === table);
    },
    rules: () => found(socket.dump(dumpRules(), "listing rules"), foundRule),
    neighbours() {
      const nameOf = names();
      return found(socket.dump(dumpNeighbours(), "listing neighbours"), (payload) => foundNeighbour(payload, nameOf));
    },
    close: () => socket.close(),
  };
}

/** Adds or replaces an item on the link of this index. Rules cannot be replaced: an equal one is what was wanted. */
export function putItem(socket: NetlinkSocket, item: PlacedItem, index: number): void {
  const [outcome] = socket.transact([putRequest(item, index)]);
  if (outcome?.kind !== "refused" || (item.kind === "rule" && outcome.errno === ERRNO.EEXIST)) return;
  throw refusal(outcome, `adding ${renderItem(item)}`);
}

/** Carries out one request or raises its fault. */
export function demand(socket: NetlinkSocket, request: Request, doing: string): void {
  const [outcome] = socket.transact([request]);
  if (outcome?.kind === "refused") throw refusal(outcome, doing);
}

/** Carries out a deletion; `false` when there was nothing to delete. */
export function demandUnlessAbsent(socket: NetlinkSocket, request: Request, doing: string): boolean {
  const [outcome] = socket.transact([request]);
  if (outcome?.kind !== "refused") return true;
  if (ABSENT.has(outcome.errno)) return false;
  throw refusal(outcome, doing);
}

export function findLink(socket: NetlinkSocket, name: string): FoundLink | undefined {
  const frame = socket.get(getLink({ name }), `looking for link ${name}`);
  return frame === undefined ? undefined : foundLink(frame.payload);
}

function listLinks(socket: NetlinkSocket): readonly FoundLink[] {
  return socket.dump(dumpLinks(), "listing links").map((frame) => foundLink(frame.payload));
}

function found<T>(frames: readonly Frame[], read: (payload: Uint8Array) => T | undefined): readonly T[] {
  return frames.map((frame) => read(frame.payload)).filter((item) => item !== undefined);
}

/** Runs work with a descriptor of the namespace; one opened here for a path is closed after. */
function withNamespace<T>(namespace: string | number | undefined, work: (fd: number | undefined) => T): T {
  if (typeof namespace !== "string") return work(namespace);
  const fd = openNamespace(namespace);
  try {
    return work(fd);
  } finally {
    closeNamespace(fd);
  }
}
