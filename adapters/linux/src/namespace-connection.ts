import { Socket } from "node:net";
import { type Ipv4 } from "@slash28/address";
import { connect, errno, kernelFault } from "./libc.ts";
import { socketAddress, socketInNamespace } from "./namespace-socket.ts";

const EINPROGRESS = 115;

/**
 * A TCP connection that begins inside another network namespace. What is written waits until it stands; that it is refused or times out
 * is the socket's `error`. Raises a fault when the namespace is gone or has no way to the address.
 */
export function connectInNamespace(namespace: string, address: Ipv4, port: number): Socket {
  const doing = `connecting to port ${port} from ${namespace}`;
  const to = socketAddress(address, port);
  const fd = socketInNamespace({ namespace, kind: "stream", doing }, (made) => {
    if (connect(made, to, to.length) !== 0 && errno() !== EINPROGRESS) throw kernelFault(doing);
  });
  return new Socket({ fd, readable: true, writable: true });
}
