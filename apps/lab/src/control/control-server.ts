import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { LabEvent } from "./lab-events.ts";
import { faultOrderSchema, type FaultOrder, type LabFault } from "./lab-faults.ts";
import type { LabStatus } from "./lab-status.ts";
import type { NodeEvidence } from "./node-evidence.ts";
import type { NodePool } from "./node-pool.ts";
import type { VerifyReport } from "./verify-report.ts";

export interface ControlHandlers {
  status(): Promise<LabStatus>;
  stop(): void;
  verify(cluster?: string): Promise<VerifyReport>;
  pools(): Promise<readonly NodePool[]>;
  evidence(node: string): Promise<NodeEvidence>;
  orderFault(order: FaultOrder): Promise<LabFault>;
  faults(): readonly LabFault[];
  clearFaults(id?: string): Promise<readonly LabFault[]>;
  events(): readonly LabEvent[];
}

/** Serves the supervisor's commands on a Unix socket that only the lab's user may open. */
export async function serveControl(socketPath: string, handlers: ControlHandlers): Promise<Server> {
  rmSync(socketPath, { force: true });
  const server = createServer((request, response) => {
    void answer(request, handlers, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return server;
}

async function answer(request: IncomingMessage, handlers: ControlHandlers, response: ServerResponse): Promise<void> {
  try {
    const [first = "", second] = (request.url ?? "/").slice(1).split("/").map(decodeURIComponent);
    const result = await perform(`${request.method} ${first}`, second, handlers, request);
    if (result === undefined) return void response.writeHead(404).end(`no such command: ${request.method} ${request.url}`);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
  } catch (cause) {
    response.writeHead(500).end(cause instanceof Error ? cause.message : String(cause));
  }
}

/** The answer of a command; `undefined` when there is no such command. */
async function perform(command: string, name: string | undefined, handlers: ControlHandlers, request: IncomingMessage): Promise<unknown> {
  switch (command) {
    case "GET status":
      return handlers.status();
    case "POST stop":
      handlers.stop();
      return {};
    case "POST verify":
      return handlers.verify(name);
    case "GET pools":
      return handlers.pools();
    case "GET events":
      return handlers.events();
    case "GET evidence":
      return name === undefined ? undefined : handlers.evidence(name);
    case "GET faults":
      return handlers.faults();
    case "POST faults":
      return handlers.orderFault(faultOrder(await bodyOf(request)));
    case "DELETE faults":
      return handlers.clearFaults(name);
    default:
      return undefined;
  }
}

function faultOrder(text: string): FaultOrder {
  const checked = faultOrderSchema.safeParse(parsed(text));
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map((issue) => `${issue.path.join(".") || "the order"}: ${issue.message}`);
  throw new Error(`this is not a fault that can be ordered: ${problems.join("; ")}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("the order is not JSON");
  }
}

const BODY_BYTES_MAX = 64 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new Error(`the order is larger than ${BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
