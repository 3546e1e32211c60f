import { closeNamespace, inNamespace, openNamespace } from "./network-namespace.ts";
import { netlinkOver } from "./netlink-client.ts";
import { openNetlinkSocket, type NetlinkSocket } from "./netlink-socket.ts";
import type { Netlink } from "./netlink.ts";

/** The namespace that is the host, held open: a socket into it, and a way to step inside. */
export interface HostKernel {
  readonly namespace: string | undefined;
  readonly socket: NetlinkSocket;
  readonly netlink: Netlink;
  /** Runs synchronous work inside the host's namespace. */
  inside<T>(work: () => T): T;
  close(): void;
}

/** Opens the namespace at `namespace`, or the one this process runs in. */
export function openHostKernel(namespace: string | undefined): HostKernel {
  const fd = namespace === undefined ? undefined : openNamespace(namespace);
  const inside = <T>(work: () => T): T => (fd === undefined ? work() : inNamespace(fd, work));
  const socket = inside(openNetlinkSocket);
  let isOpen = true;
  return {
    namespace,
    socket,
    netlink: netlinkOver(socket),
    inside,
    close() {
      if (!isOpen) return;
      isOpen = false;
      socket.close();
      if (fd !== undefined) closeNamespace(fd);
    },
  };
}
