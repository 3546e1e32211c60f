import { type Ipv4 } from "@slash28/address";
import { bindEarly, socketInNamespace } from "./namespace-socket.ts";

/**
 * A UDP socket bound inside another network namespace. Hand the descriptor to `socket.bind({ fd })` of node:dgram, which then owns
 * and closes it. Bound to one address, so that answers leave with the address that was asked.
 */
export function bindInNamespace(namespace: string | undefined, address: Ipv4, port: number): number {
  const doing = `binding UDP port ${port} in ${namespace ?? "this namespace"}`;
  return socketInNamespace({ namespace, kind: "datagram", doing }, (fd) => bindEarly(fd, address, port, doing));
}
