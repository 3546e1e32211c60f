import type { NodePool } from "../control/index.ts";
import { askAgent } from "./ask-agent.ts";
import type { LabNode } from "./nodes.ts";

/** How a node's agent counts its addresses. */
export interface AgentPool {
  readonly assigned: number;
  readonly cooling: number;
}

/** Asks a node's agent for its counts; nothing while it is away. */
export async function readPool(rootDir: string): Promise<AgentPool | undefined> {
  const text = await askAgent(rootDir, "/pool");
  return text === undefined ? undefined : parsePool(text);
}

/** Every node's pool as its agent tells it. */
export function nodePools(nodes: readonly LabNode[]): Promise<readonly NodePool[]> {
  return Promise.all(
    nodes.map(async ({ spec, instanceId }): Promise<NodePool> => {
      const enis = await askAgent(spec.rootDir, "/v1/enis");
      return { node: spec.name, instanceId, ...(enis === undefined ? {} : { enis }) };
    }),
  );
}

function parsePool(text: string): AgentPool | undefined {
  try {
    const { assigned, cooling } = JSON.parse(text) as Partial<Record<keyof AgentPool, unknown>>;
    return typeof assigned === "number" && typeof cooling === "number" ? { assigned, cooling } : undefined;
  } catch {
    return undefined;
  }
}
