import type { EniId, SecurityGroupId, SubnetId } from "@slash28/address";
import type { Fault } from "@slash28/ports";
import type { Node } from "../node.ts";
import type { AgentJournal } from "../pods/agent-journal.ts";
import type { Sandboxes } from "../pods/sandboxes.ts";
import type { AgentPorts } from "../ports.ts";

/** Where and with which groups the ENIs of a node are made under custom networking: the ENIConfig that its Node object selects. */
export interface EniConfig {
  readonly name: string;
  readonly subnetId: SubnetId;
  /** Empty: the primary ENI's. */
  readonly groups: readonly SecurityGroupId[];
}

/** What the reconciler works with. */
export interface PoolAgent {
  readonly node: Node;
  readonly sandboxes: Sandboxes;
  readonly journal: AgentJournal;
  readonly ports: AgentPorts;
  /** Brings the kernel's host network in line with the node's ENIs. */
  readonly wireHost: () => void;
  /** Tells an operator of a fault that does not stop the pool. */
  readonly tell: (fault: Fault) => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Asked for each new ENI under custom networking. Rejects with the fault that says what is missing. */
  readonly eniConfig: () => Promise<EniConfig>;
}

/** Forgets an ENI that is gone; `false` while pods hold addresses of it. */
export function leaveEni({ node, ports }: Pick<PoolAgent, "node" | "ports">, eni: EniId): boolean {
  if (!node.ledger.dropEni(eni, ports.clock.now())) return false;
  node.attachments.delete(eni);
  return true;
}
