import { ipv4ToBytes, type Ipv4 } from "@slash28/address";
import { bind, checked, close, listen, setsockopt, socket } from "./libc.ts";
import { inNamespaceAt } from "./network-namespace.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IP = 0;
const IP_FREEBIND = 15;
const BACKLOG = 511;

/**
 * A TCP socket that listens inside another network namespace: a socket belongs to the namespace it was made in, whoever uses
 * it. Hand the descriptor to `server.listen({ fd })`, which then owns and closes it. Port 0 lets the kernel choose.
 */
export function listenInNamespace(namespace: string | undefined, address: Ipv4, port: number): number {
  const doing = `listening on port ${port} in ${namespace ?? "this namespace"}`;
  return inNamespaceAt(namespace, () => {
    const fd = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), doing);
    try {
      const on = Uint8Array.of(1, 0, 0, 0);
      checked(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, 4), doing);
      // A server may be set up before its address is put on a link.
      checked(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, on, 4), doing);
      checked(bind(fd, socketAddress(address, port), 16), doing);
      checked(listen(fd, BACKLOG), doing);
      return fd;
    } catch (cause) {
      close(fd);
      throw cause;
    }
  });
}

/** `struct sockaddr_in`: family in host order, port and address in network order. */
export function socketAddress(address: Ipv4, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set([AF_INET, 0, port >>> 8, port & 255, ...ipv4ToBytes(address)]);
  return bytes;
}
