import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@slash28/ports";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly form: URLSearchParams;
}

export interface Answer {
  readonly status?: number;
  readonly body: string;
}

export interface Loopback extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
}

/** A web server on loopback that answers as told. */
export async function loopback(answer: (asked: Asked, number: number) => Answer | "hang up" | "say nothing"): Promise<Loopback> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const one = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body,
        form: new URLSearchParams(body),
      };
      asked.push(one);
      const reply = answer(one, asked.length);
      if (reply === "say nothing") return;
      if (reply === "hang up") request.socket.destroy();
      else response.writeHead(reply.status ?? 200, { connection: "close" }).end(reply.body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A clock that only sleeping moves, and that counts what was slept. */
export function stillClock(now = Date.UTC(2026, 0, 1)): Clock & { readonly slept: number[]; turn(ms: number): void } {
  const slept: number[] = [];
  let at = now;
  return {
    slept,
    now: () => at,
    sleep: (ms) => {
      slept.push(ms);
      at += ms;
      return Promise.resolve();
    },
    turn: (ms) => {
      at += ms;
    },
  };
}
