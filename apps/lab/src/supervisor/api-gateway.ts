import type { Kube } from "@slash28/ports";
import { createApiConnection, overConnection } from "../kubernetes/api-connection.ts";
import type { ApiServer, Listening } from "../kubernetes/api-server/index.ts";

/** Where the cluster's API is reached, from this machine and from the nodes, and the way the lab's own parts take to it. */
export interface ApiGateway {
  /** As the operator reaches it. */
  readonly outside: Pick<Listening, "host" | "port" | "url">;
  /** The API for controllers, scheduler and kubelets, by the name each writes under: out of reach while the API is down. */
  kubeOf(client: string): Kube;
  /** Refuses connections, ends those there are, and lets the lab's own parts reach it no more. */
  down(): Promise<void>;
  /** Listens where it did. */
  up(): Promise<void>;
  close(): Promise<void>;
}

export interface ApiGatewayOptions {
  readonly api: Pick<ApiServer, "kubeOf" | "listen">;
  readonly host: string;
  readonly port: number;
  /** Whether any other port will do when that one is taken. */
  readonly mayMove?: boolean;
  /** Gives a listening socket where the nodes look for the API; absent in the simulated data plane. */
  readonly listenInside: (() => number) | undefined;
}

/** Listens. Rejects with Node's error (`EADDRINUSE`, …) when that fails. */
export async function openApiGateway({ api, host, port, mayMove = false, listenInside }: ApiGatewayOptions): Promise<ApiGateway> {
  const connection = createApiConnection();
  const outside = await api.listen({ host, port }).catch((cause: unknown) => {
    if (mayMove && cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE") return api.listen({ host, port: 0 });
    throw cause;
  });
  const listen = async (first?: Listening): Promise<readonly Listening[]> => [
    first ?? (await api.listen({ host, port: outside.port })),
    ...(listenInside === undefined ? [] : [await api.listen({ fd: listenInside() })]),
  ];
  let open = await listen(outside);
  const close = async (): Promise<void> => {
    const closing = open;
    open = [];
    await Promise.all(closing.map((listener) => listener.close()));
  };
  /** How many faults hold it down. */
  let downs = 0;
  /** Of a cluster that was deleted while it was down. */
  let isClosed = false;
  return {
    outside,
    kubeOf: (client) => overConnection(api.kubeOf(client), connection),
    async down() {
      downs++;
      connection.cut();
      await close();
    },
    async up() {
      downs--;
      if (downs > 0 || isClosed) return;
      open = await listen();
      connection.mend();
    },
    async close() {
      isClosed = true;
      await close();
    },
  };
}
