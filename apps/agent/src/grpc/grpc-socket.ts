import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { claimSocket } from "../cni/claim-socket.ts";
import type { GrpcServer } from "./grpc-server.ts";
import type { RpcBackend } from "./rpc-backend.ts";

export interface GrpcSocket {
  /** Takes no new request; resolves when those under way are answered. */
  close(): Promise<void>;
}

/**
 * The VPC CNI's socket, `ipamd.sock`. The gRPC library is loaded with the first connection: an agent whose pods come by its own plugin
 * never pays for it. See {@link claimSocket} for who may connect, and whose socket is replaced.
 */
export async function listenForGrpc(path: string, backend: RpcBackend, onBug: (cause: unknown) => void): Promise<GrpcSocket> {
  let loaded: Promise<GrpcServer> | undefined;
  const server = createServer((connection: Socket) => {
    // Whoever hangs up before the library is there.
    connection.on("error", () => connection.destroy());
    loaded ??= import("./grpc-server.ts").then(({ createGrpcServer }) => createGrpcServer(backend));
    loaded.then((grpc) => grpc.accept(connection)).catch(onBug);
  });
  await claimSocket(server, path);
  return {
    async close() {
      const closed = once(server, "close");
      server.close();
      await (await loaded)?.close();
      await closed;
    },
  };
}
