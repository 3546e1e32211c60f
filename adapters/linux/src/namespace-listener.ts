import type { Ipv4, Ipv6 } from "@slash28/address";
import { checked, listen, setsockopt } from "./libc.ts";
import { ON, bindEarly, socketInNamespace } from "./namespace-socket.ts";

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const BACKLOG = 511;

/**
 * A TCP socket that listens inside another network namespace. Hand the descriptor to `server.listen({ fd })`, which then owns and closes
 * it. Port 0 lets the kernel choose.
 */
export function listenInNamespace(namespace: string | undefined, address: Ipv4 | Ipv6, port: number): number {
  const doing = `listening on port ${port} in ${namespace ?? "this namespace"}`;
  return socketInNamespace({ namespace, kind: "stream", address, doing }, (fd) => {
    checked(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ON, ON.length), doing);
    bindEarly(fd, address, port, doing);
    checked(listen(fd, BACKLOG), doing);
  });
}
