import { ipv4ToBytes, ipv6ToBytes, type Ipv4, type Ipv6 } from "@slash28/address";
import { bind, checked, close, setsockopt, socket } from "./libc.ts";
import { inNamespaceAt } from "./network-namespace.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const KINDS = { stream: 1, datagram: 2 } as const;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const IPPROTO_IP = 0;
const IP_FREEBIND = 15;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_FREEBIND = 78;
const IPV4_ADDRESS_BYTES = 16;
const IPV6_ADDRESS_BYTES = 28;
const IPV6_ADDRESS_AT = 8;

/** An int that is 1, as `setsockopt` takes it. */
export const ON = Uint8Array.of(1, 0, 0, 0);

export interface NamespaceSocket {
  /** Absent: the one this thread is in. */
  readonly namespace: string | undefined;
  readonly kind: keyof typeof KINDS;
  /** What it will be bound to: a socket is of one family. IPv4 unless told. */
  readonly address?: Ipv4 | Ipv6;
  /** For faults. */
  readonly doing: string;
}

/**
 * A socket made inside another network namespace: it belongs to the namespace it was made in, whoever uses it. `prepare` runs in there
 * too; when it throws the socket is closed.
 */
export function socketInNamespace({ namespace, kind, address, doing }: NamespaceSocket, prepare: (fd: number) => void): number {
  return inNamespaceAt(namespace, () => {
    const fd = checked(socket(typeof address === "bigint" ? AF_INET6 : AF_INET, KINDS[kind] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), doing);
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
export function bindEarly(fd: number, address: Ipv4 | Ipv6, port: number, doing: string): void {
  if (typeof address === "bigint") {
    checked(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, ON, ON.length), doing);
    checked(setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, ON, ON.length), doing);
    checked(bind(fd, socketAddress6(address, port), IPV6_ADDRESS_BYTES), doing);
    return;
  }
  checked(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, ON, ON.length), doing);
  checked(bind(fd, socketAddress(address, port), IPV4_ADDRESS_BYTES), doing);
}

/** `struct sockaddr_in`: family in host order, port and address in network order. */
export function socketAddress(address: Ipv4, port: number): Uint8Array {
  const bytes = new Uint8Array(IPV4_ADDRESS_BYTES);
  bytes.set([AF_INET, 0, port >>> 8, port & 255, ...ipv4ToBytes(address)]);
  return bytes;
}

/** `struct sockaddr_in6`; flow and scope stay zero. */
function socketAddress6(address: Ipv6, port: number): Uint8Array {
  const bytes = new Uint8Array(IPV6_ADDRESS_BYTES);
  bytes.set([AF_INET6, 0, port >>> 8, port & 255]);
  bytes.set(ipv6ToBytes(address), IPV6_ADDRESS_AT);
  return bytes;
}
