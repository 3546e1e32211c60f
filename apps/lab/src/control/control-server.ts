import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { LabStatus } from "./lab-status.ts";
import type { VerifyReport } from "./verify-report.ts";

export interface ControlHandlers {
  status(): Promise<LabStatus>;
  stop(): void;
  verify(): Promise<VerifyReport>;
}

/** Serves the supervisor's commands on a Unix socket that only the lab's user may open. */
export async function serveControl(socketPath: string, handlers: ControlHandlers): Promise<Server> {
  rmSync(socketPath, { force: true });
  const server = createServer((request, response) => {
    void answer(`${request.method} ${request.url}`, handlers, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return server;
}

async function answer(route: string, handlers: ControlHandlers, response: ServerResponse): Promise<void> {
  try {
    switch (route) {
      case "GET /status":
        return reply(response, 200, await handlers.status());
      case "POST /stop":
        handlers.stop();
        return reply(response, 200, {});
      case "POST /verify":
        return reply(response, 200, await handlers.verify());
      default:
        return void response.writeHead(404).end(`no such command: ${route}`);
    }
  } catch (cause) {
    response.writeHead(500).end(cause instanceof Error ? cause.message : String(cause));
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
