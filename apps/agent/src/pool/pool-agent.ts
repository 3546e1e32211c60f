import type { EniId } from "@slash28/address";
import type { Node } from "../node.ts";
import type { AgentJournal } from "../pods/agent-journal.ts";
import type { Sandboxes } from "../pods/sandboxes.ts";
import type { AgentPorts } from "../ports.ts";

/** What the reconciler works with. */
export interface PoolAgent {
  readonly node: Node;
  readonly sandboxes: Sandboxes;
  readonly journal: AgentJournal;
  readonly ports: AgentPorts;
  /** Brings the kernel's host network in line with the node's ENIs. */
  readonly wireHost: () => void;
}

/** Forgets an ENI that is gone; `false` while pods hold addresses of it. */
export function leaveEni({ node, ports }: Pick<PoolAgent, "node" | "ports">, eni: EniId): boolean {
  if (!node.ledger.dropEni(eni, ports.clock.now())) return false;
  node.attachments.delete(eni);
  return true;
}
