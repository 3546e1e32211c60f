import { request } from "node:http";
import { join } from "node:path";

const TIMEOUT_MS = 1_000;

export interface AgentAnswer {
  readonly status: number;
  readonly body: string;
}

/** The body of a good answer to GET on a node's agent's socket; nothing while it is away or cannot answer. */
export async function askAgent(rootDir: string, path: string): Promise<string | undefined> {
  const answer = await answerOfAgent(rootDir, path);
  return answer?.status === 200 ? answer.body : undefined;
}

/** What a node's agent answers to GET on its socket; nothing while it is away. */
export function answerOfAgent(rootDir: string, path: string): Promise<AgentAnswer | undefined> {
  return answerAtSocket(agentSocket(rootDir), path);
}

/** What an agent that listens on this Unix socket answers to GET; nothing while it is away. */
export function answerAtSocket(socketPath: string, path: string): Promise<AgentAnswer | undefined> {
  return new Promise((resolve) => {
    const sent = request({ socketPath, path, timeout: TIMEOUT_MS }, (reply) => {
      const parts: Buffer[] = [];
      reply.on("data", (part: Buffer) => parts.push(part));
      reply.on("error", () => resolve(undefined));
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }));
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(undefined));
    sent.on("close", () => resolve(undefined));
    sent.end();
  });
}

/** Where a node's agent listens, as the lab sees the node's files. */
function agentSocket(rootDir: string): string {
  return join(rootDir, "var/run/aws-node/slash28.sock");
}
