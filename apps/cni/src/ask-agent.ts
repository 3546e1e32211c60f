import { request } from "node:http";
import { HEADERS } from "./contract.ts";

export interface AgentReply {
  readonly exitCode: number;
  readonly body: Buffer;
}

const ANSWER_MS = 60_000;

/** One exchange with the agent. `undefined` when it is away, closes early or takes too long. */
export function askAgent(socketPath: string, headers: Readonly<Record<string, string>>, input: Buffer): Promise<AgentReply | undefined> {
  return new Promise((resolve) => {
    const away = (): void => resolve(undefined);
    const call = request({
      socketPath,
      path: "/cni",
      method: "POST",
      headers: { Host: "agent", Connection: "close", ...headers, "Content-Length": input.length },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    call.on("error", away);
    call.on("response", (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", away);
      reply.on("end", () => {
        const exit = Number(reply.headers[HEADERS.exit.toLowerCase()]);
        if (!reply.complete || Number.isNaN(exit)) away();
        else resolve({ exitCode: exit === 0 ? 0 : 1, body: Buffer.concat(chunks) });
      });
    });
    call.end(input);
  });
}
