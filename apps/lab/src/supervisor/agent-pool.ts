import { request } from "node:http";
import { join } from "node:path";

/** How a node's agent counts its addresses. */
export interface AgentPool {
  readonly assigned: number;
  readonly cooling: number;
}

const TIMEOUT_MS = 1_000;

/** Asks a node's agent for its counts; nothing while it is away. */
export function readPool(rootDir: string): Promise<AgentPool | undefined> {
  return new Promise((resolve) => {
    const sent = request({ socketPath: agentSocket(rootDir), path: "/pool", timeout: TIMEOUT_MS }, (reply) => {
      const parts: Buffer[] = [];
      reply.on("data", (part: Buffer) => parts.push(part));
      reply.on("error", () => resolve(undefined));
      reply.on("end", () => resolve(parsePool(Buffer.concat(parts).toString("utf8"))));
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(undefined));
    sent.on("close", () => resolve(undefined));
    sent.end();
  });
}

/** Where a node's agent listens, as the lab sees the node's files. */
export function agentSocket(rootDir: string): string {
  return join(rootDir, "var/run/aws-node/slash28.sock");
}

function parsePool(text: string): AgentPool | undefined {
  try {
    const { assigned, cooling } = JSON.parse(text) as Partial<Record<keyof AgentPool, unknown>>;
    return typeof assigned === "number" && typeof cooling === "number" ? { assigned, cooling } : undefined;
  } catch {
    return undefined;
  }
}
