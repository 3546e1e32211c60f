import type { Kube } from "@slash28/ports";
import type { DataPlane, NodeEvidence } from "../control/index.ts";
import { collectEvidence } from "../evidence/index.ts";
import { answerOfAgent } from "./ask-agent.ts";
import type { Nodes } from "./nodes.ts";

/** What is known of one of the lab's nodes. */
export async function nodeEvidence(
  nodes: Pick<Nodes, "all" | "find">,
  name: string,
  { kube, dataPlane }: { readonly kube: Kube; readonly dataPlane: DataPlane },
): Promise<NodeEvidence> {
  const found = nodes.find(name);
  if (found === undefined) {
    const names = nodes.all().map(({ spec }) => spec.name);
    throw new Error(`there is no node ${name}; there is ${names.join(", ") || "none"}`);
  }
  const { rootDir, netnsPath } = found.spec;
  return collectEvidence({
    node: { name, instanceId: found.instanceId, rootDir, netnsPath },
    dataPlane,
    kube,
    ask: (path) => answerOfAgent(rootDir, path),
  });
}
