import { request } from "node:http";
import type { LabEvent } from "./lab-events.ts";
import type { FaultOrder, LabFault } from "./lab-faults.ts";
import type { LabStatus } from "./lab-status.ts";
import type { NodeEvidence } from "./node-evidence.ts";
import type { NodePool } from "./node-pool.ts";
import type { VerifyReport } from "./verify-report.ts";

/** The supervisor, as the command line talks to it. */
export interface ControlClient {
  /** The lab's state; nothing when no supervisor listens. */
  status(): Promise<LabStatus | undefined>;
  /** Asks the supervisor to stop; it answers at once and goes on stopping. */
  stop(): Promise<void>;
  /** Of one cluster; of the lab's own when no name is given. */
  verify(cluster?: string): Promise<VerifyReport>;
  /** What every node's agent says of its pool. */
  pools(): Promise<readonly NodePool[]>;
  /** What is known of one node, secrets removed. Rejects with a `ControlError` when there is no such node. */
  evidence(node: string): Promise<NodeEvidence>;
  /** Rejects with a `ControlError` when it names something that is not there, such as an unknown node. */
  orderFault(order: FaultOrder): Promise<LabFault>;
  faults(): Promise<readonly LabFault[]>;
  /** Ends one fault, or all; resolves to those that ended. */
  clearFaults(id?: string): Promise<readonly LabFault[]>;
  /** What happened to the lab, oldest first. */
  events(): Promise<readonly LabEvent[]>;
}

export class ControlError extends Error {
  override readonly name = "ControlError";
}

const AWAY = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET"]);

export function controlClient(socketPath: string): ControlClient {
  return {
    status: async () => {
      try {
        return (await call(socketPath, "GET", "/status", 5_000)) as LabStatus;
      } catch (cause) {
        if (isAway(cause)) return undefined;
        throw cause;
      }
    },
    stop: async () => {
      await call(socketPath, "POST", "/stop", 5_000);
    },
    verify: async (cluster) =>
      (await call(
        socketPath,
        "POST",
        cluster === undefined ? "/verify" : `/verify/${encodeURIComponent(cluster)}`,
        300_000,
      )) as VerifyReport,
    pools: async () => (await call(socketPath, "GET", "/pools", 10_000)) as readonly NodePool[],
    evidence: async (node) => (await call(socketPath, "GET", `/evidence/${encodeURIComponent(node)}`, 60_000)) as NodeEvidence,
    orderFault: async (order) => (await call(socketPath, "POST", "/faults", 60_000, order)) as LabFault,
    faults: async () => (await call(socketPath, "GET", "/faults", 5_000)) as readonly LabFault[],
    clearFaults: async (id) =>
      (await call(socketPath, "DELETE", id === undefined ? "/faults" : `/faults/${encodeURIComponent(id)}`, 60_000)) as readonly LabFault[],
    events: async () => (await call(socketPath, "GET", "/events", 5_000)) as readonly LabEvent[],
  };
}

function call(socketPath: string, method: string, path: string, timeoutMs: number, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, timeout: timeoutMs }, (reply) => {
      const parts: Buffer[] = [];
      reply.on("data", (part: Buffer) => parts.push(part));
      reply.on("error", reject);
      reply.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        if (reply.statusCode !== 200) reject(new ControlError(text));
        else resolve(text === "" ? undefined : JSON.parse(text));
      });
    });
    sent.on("timeout", () => sent.destroy(new ControlError(`the lab did not answer ${path} within ${timeoutMs / 1000} s; see its log`)));
    sent.on("error", reject);
    sent.end(body === undefined ? "" : JSON.stringify(body));
  });
}

function isAway(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && AWAY.has(String(cause.code));
}
