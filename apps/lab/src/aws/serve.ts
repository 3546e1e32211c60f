import { createServer } from "node:https";
import { createAdaptorServer } from "@hono/node-server";

/** Where to listen: a loopback port (0: any free one), or the descriptor of a socket that is bound and listening already. */
export type ListenTarget =
  | { readonly kind: "port"; readonly host: string; readonly port: number }
  | { readonly kind: "descriptor"; readonly fd: number };

export interface Serving {
  /** The port taken; `undefined` when a descriptor was given that has none. */
  readonly port: number | undefined;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/** What a server speaks TLS with, PEM. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Serves HTTP/1.1 with a fetch-style handler, over TLS with a certificate. Rejects with Node's error (`EADDRINUSE`, …) when listening fails. */
export async function serve(
  fetch: (request: Request) => Promise<Response>,
  target: ListenTarget,
  certificate?: ServingCertificate,
): Promise<Serving> {
  const tls = certificate === undefined ? {} : { createServer, serverOptions: { cert: certificate.certPem, key: certificate.keyPem } };
  const server = createAdaptorServer({ fetch, ...tls });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", resolve);
    if (target.kind === "port") server.listen(target.port, target.host);
    else server.listen({ fd: target.fd });
  });
  const address = server.address();
  return {
    port: typeof address === "object" ? address?.port : undefined,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
