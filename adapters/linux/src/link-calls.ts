import { addLink, deleteLink, dumpLinks, setLink } from "@slash28/netlink";
import { foundLink } from "./found-item.ts";
import { newLinkMessage } from "./link-message.ts";
import { demand, demandUnlessAbsent, findLink, linkIndex, withNamespace } from "./netlink-call.ts";
import { openNetlinkSocket, type NetlinkSocket } from "./netlink-socket.ts";
import { inNamespace } from "./network-namespace.ts";
import type { FoundLink, Netlink } from "./netlink.ts";

/** The calls of {@link Netlink} that are about links. */
export function linkCalls(socket: NetlinkSocket): Pick<Netlink, "links" | "link" | "addLink" | "setLink" | "moveLink" | "deleteLink"> {
  return {
    links: () => listLinks(socket),
    link: (name) => findLink(socket, name),
    addLink(link) {
      const doing = `adding ${link.type} link ${link.name}`;
      const parent = link.type === "vlan" ? linkIndex(socket, link.parent, doing) : undefined;
      withNamespace(link.type === "veth" ? link.peerNamespace : undefined, (fd) => {
        demand(socket, addLink(newLinkMessage(link, parent, fd)), doing);
        if (link.type === "veth" && link.peer.up === true) bringPeerUp(socket, link.peer.name, fd);
      });
    },
    setLink(name, change) {
      const doing = `changing link ${name}`;
      const { master, rename, ...rest } = change;
      const index = linkIndex(socket, name, doing);
      const bridge = master === undefined ? {} : { master: master === null ? 0 : linkIndex(socket, master, doing) };
      demand(socket, setLink({ index, ...rest, ...bridge, ...(rename === undefined ? {} : { name: rename }) }), doing);
    },
    moveLink(name, namespace, rename) {
      const doing = `moving link ${name}`;
      const index = linkIndex(socket, name, doing);
      withNamespace(namespace, (fd = -1) => {
        demand(socket, setLink({ index, namespaceFd: fd, ...(rename === undefined ? {} : { name: rename }) }), doing);
      });
    },
    deleteLink: (name) => demandUnlessAbsent(socket, deleteLink({ name }), `deleting link ${name}`),
  };
}

function bringPeerUp(socket: NetlinkSocket, name: string, namespaceFd: number | undefined): void {
  const there = namespaceFd === undefined ? socket : inNamespace(namespaceFd, openNetlinkSocket);
  try {
    demand(there, setLink({ name, up: true }), `bringing link ${name} up`);
  } finally {
    if (there !== socket) there.close();
  }
}

export function listLinks(socket: NetlinkSocket): readonly FoundLink[] {
  return socket.dump(dumpLinks(), "listing links").map((frame) => foundLink(frame.payload));
}
