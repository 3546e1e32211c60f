import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { serveTcp, serveUdp, type AnswerQuery, type DnsListener } from "@slash28/dns";

export interface ListenOptions {
  /** `""`: every address, of both families where the kernel has both. */
  readonly address: string;
  readonly port: number;
  readonly answer: AnswerQuery;
  readonly onBug: (cause: unknown) => void;
}

/** Opens one port for UDP and TCP. Rejects when it is taken. */
export async function listenForDns({ address, port, answer, onBug }: ListenOptions): Promise<DnsListener> {
  const socket = await bound(address, port);
  const udp = serveUdp(socket, answer, onBug);
  try {
    const server = createServer();
    server.listen({ port, host: address === "" ? socket.address().address : address });
    await once(server, "listening");
    const tcp = serveTcp(server, answer, onBug);
    return { close: async () => void (await Promise.all([udp.close(), tcp.close()])) };
  } catch (cause) {
    await udp.close();
    throw cause;
  }
}

/** Without an address first for both families; a kernel without IPv6 has only the other one. */
async function bound(address: string, port: number): Promise<Socket> {
  if (address !== "") return bind(createSocket(address.includes(":") ? "udp6" : "udp4"), address, port);
  try {
    return await bind(createSocket({ type: "udp6", ipv6Only: false }), "::", port);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL" && code !== "EINVAL") throw cause;
    return bind(createSocket("udp4"), "0.0.0.0", port);
  }
}

async function bind(socket: Socket, address: string, port: number): Promise<Socket> {
  const listening = once(socket, "listening");
  socket.bind({ address, port, exclusive: true });
  try {
    await listening;
    return socket;
  } catch (cause) {
    socket.close();
    throw cause;
  }
}

export interface PortSet {
  /** Opens what is wanted and not open yet, then closes what is no longer wanted. Rejects when a port is taken; nothing is closed then. */
  use(blocks: readonly { readonly bind: readonly string[]; readonly port: number }[]): Promise<void>;
  close(): Promise<void>;
}

/** The ports of a server, kept open from one Corefile to the next. */
export function createPortSet(listen: (address: string, port: number) => Promise<DnsListener>): PortSet {
  const open = new Map<string, DnsListener>();
  return {
    async use(blocks) {
      const places = blocks.flatMap(({ bind, port }) => (bind.length > 0 ? bind : [""]).map((address) => ({ address, port })));
      for (const { address, port } of places) {
        const key = `${address} ${port}`;
        if (!open.has(key)) open.set(key, await listen(address, port));
      }
      const wanted = new Set(places.map(({ address, port }) => `${address} ${port}`));
      for (const [key, listener] of open) {
        if (wanted.has(key)) continue;
        open.delete(key);
        await listener.close();
      }
    },
    close: async () => void (await Promise.all([...open.values()].map((listener) => listener.close()))),
  };
}
