import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { FAULT_KINDS, FAULT_SECONDS_MAX, type FaultKind, type LabFault } from "./lab-faults.ts";
import type { LabStatus } from "./lab-status.ts";
import type { NodeEvidence } from "./node-evidence.ts";
import type { NodePool } from "./node-pool.ts";
import type { VerifyReport } from "./verify-report.ts";

export interface ControlHandlers {
  status(): Promise<LabStatus>;
  stop(): void;
  verify(): Promise<VerifyReport>;
  pools(): Promise<readonly NodePool[]>;
  evidence(node: string): Promise<NodeEvidence>;
  orderFault(kind: FaultKind, seconds: number): LabFault;
  faults(): readonly LabFault[];
  clearFaults(): void;
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
      case "GET /pools":
        return reply(response, 200, await handlers.pools());
      case "GET /faults":
        return reply(response, 200, handlers.faults());
      case "DELETE /faults":
        handlers.clearFaults();
        return reply(response, 200, {});
      default:
        if (route.startsWith("GET /evidence/"))
          return reply(response, 200, await handlers.evidence(decodeURIComponent(route.slice("GET /evidence/".length))));
        if (route.startsWith("POST /faults/")) return reply(response, 200, orderFault(route.slice("POST /faults/".length), handlers));
        return void response.writeHead(404).end(`no such command: ${route}`);
    }
  } catch (cause) {
    response.writeHead(500).end(cause instanceof Error ? cause.message : String(cause));
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** `throttle?seconds=30`. */
function orderFault(order: string, handlers: ControlHandlers): LabFault {
  const [kind, query] = order.split("?");
  const known = FAULT_KINDS.find((name) => name === kind);
  const seconds = Number(new URLSearchParams(query).get("seconds"));
  if (known === undefined) throw new Error(`no such fault: ${kind}; there is ${FAULT_KINDS.join(", ")}`);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > FAULT_SECONDS_MAX)
    throw new Error(`a fault lasts from 1 to ${FAULT_SECONDS_MAX} seconds`);
  return handlers.orderFault(known, seconds);
}
