import { Socket } from "node:net";
import { type Ipv4 } from "@slash28/address";
import { checked, close, connect, errno, kernelFault, socket } from "./libc.ts";
import { socketAddress } from "./namespace-listener.ts";
import { inNamespaceAt } from "./network-namespace.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const EINPROGRESS = 115;

/**
 * A TCP connection that begins inside another network namespace: a socket belongs to the namespace it was made in, whoever uses it. What
 * is written waits until it stands; that it is refused or times out is the socket's `error`. Raises a fault when the namespace is gone or
 * has no way to the address.
 */
export function connectInNamespace(namespace: string, address: Ipv4, port: number): Socket {
  const doing = `connecting to port ${port} from ${namespace}`;
  const fd = inNamespaceAt(namespace, () => {
    const made = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), doing);
    if (connect(made, socketAddress(address, port), 16) === 0 || errno() === EINPROGRESS) return made;
    const fault = kernelFault(doing);
    close(made);
    throw fault;
  });
  return new Socket({ fd, readable: true, writable: true });
}
