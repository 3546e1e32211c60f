import { ipv4ToBytes, type Ipv4 } from "@slash28/address";
import { bind, checked, close, setsockopt, socket } from "./libc.ts";
import { inNamespaceAt } from "./network-namespace.ts";

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const IPPROTO_IP = 0;
const IP_FREEBIND = 15;

/**
 * A UDP socket bound inside another network namespace. Hand the descriptor to `socket.bind({ fd })` of node:dgram, which then owns
 * and closes it. Bound to one address, so that answers leave with the address that was asked.
 */
export function bindInNamespace(namespace: string | undefined, address: Ipv4, port: number): number {
  const doing = `binding UDP port ${port} in ${namespace ?? "this namespace"}`;
  return inNamespaceAt(namespace, () => {
    const fd = checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), doing);
    try {
      // A server may be set up before its address is put on a link.
      checked(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, Uint8Array.of(1, 0, 0, 0), 4), doing);
      checked(bind(fd, Uint8Array.of(AF_INET, 0, port >>> 8, port & 255, ...ipv4ToBytes(address), 0, 0, 0, 0, 0, 0, 0, 0), 16), doing);
      return fd;
    } catch (cause) {
      close(fd);
      throw cause;
    }
  });
}
