import { ipv4ToBytes, type Ipv4 } from "@slash28/address";
import { bind, checked, close, setsockopt, socket } from "./libc.ts";
import { inNamespaceAt } from "./network-namespace.ts";

const AF_INET = 2;
const KINDS = { stream: 1, datagram: 2 } as const;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const IPPROTO_IP = 0;
const IP_FREEBIND = 15;
const ADDRESS_BYTES = 16;

/** An int that is 1, as `setsockopt` takes it. */
export const ON = Uint8Array.of(1, 0, 0, 0);

export interface NamespaceSocket {
  /** Absent: the one this thread is in. */
  readonly namespace: string | undefined;
  readonly kind: keyof typeof KINDS;
  /** For faults. */
  readonly doing: string;
}

/**
 * A socket made inside another network namespace: it belongs to the namespace it was made in, whoever uses it. `prepare` runs in there
 * too; when it throws the socket is closed.
 */
export function socketInNamespace({ namespace, kind, doing }: NamespaceSocket, prepare: (fd: number) => void): number {
  return inNamespaceAt(namespace, () => {
    const fd = checked(socket(AF_INET, KINDS[kind] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), doing);
    try {
      prepare(fd);
      return fd;
    } catch (cause) {
      close(fd);
      throw cause;
    }
  });
}

/** Binds a socket to an address that may come onto a link later: a server may be set up before. */
export function bindEarly(fd: number, address: Ipv4, port: number, doing: string): void {
  checked(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, ON, ON.length), doing);
  checked(bind(fd, socketAddress(address, port), ADDRESS_BYTES), doing);
}

/** `struct sockaddr_in`: family in host order, port and address in network order. */
export function socketAddress(address: Ipv4, port: number): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  bytes.set([AF_INET, 0, port >>> 8, port & 255, ...ipv4ToBytes(address)]);
  return bytes;
}
