import { AGENT_PACE, INSTANCE_TAG } from "@slash28/ipam";
import { Fault, type Ec2Eni } from "@slash28/ports";
import type { Node } from "../node.ts";
import type { AgentPorts } from "../ports.ts";
import { CLUSTER_TAG, CREATED_TAG } from "./eni-tags.ts";

/** What to do with unattached ENIs of this cluster's nodes (VPC CNI, leaked ENI cleanup): those too young to tell are left. */
export function judgeLeaked(
  enis: readonly Ec2Eni[],
  now: number,
): { readonly deletable: readonly Ec2Eni[]; readonly undated: readonly Ec2Eni[] } {
  const ours = enis.filter((eni) => eni.description.startsWith("aws-K8S-") && eni.attachment === undefined);
  const createdAt = (eni: Ec2Eni): number => Date.parse(eni.tags[CREATED_TAG] ?? "");
  return {
    deletable: ours.filter((eni) => now - createdAt(eni) >= AGENT_PACE.leakedAfterMs),
    // Unlike upstream, a date that cannot be read only starts the clock again; so does one to come, of a node whose clock was ahead.
    undated: ours.filter((eni) => !(createdAt(eni) <= now + AGENT_PACE.leakedAfterMs)),
  };
}

/** Deletes ENIs that nodes of this cluster left behind when they ended between detaching and deleting. */
export async function sweepLeakedEnis(node: Node, ports: Pick<AgentPorts, "ec2" | "clock" | "log">): Promise<void> {
  const { clusterName, leakCleanupDisabled } = node.settings.enis;
  if (leakCleanupDisabled) return;
  try {
    const tags = { [INSTANCE_TAG]: "", ...(clusterName === undefined ? {} : { [CLUSTER_TAG]: clusterName }) };
    const found = await ports.ec2.describeFreeEnis(node.identity.vpcId, tags);
    const { deletable, undated } = judgeLeaked(found, ports.clock.now());
    for (const eni of undated) await ports.ec2.tag(eni.id, { [CREATED_TAG]: new Date(ports.clock.now()).toISOString() });
    for (const eni of deletable) {
      await ports.ec2.deleteEni(eni.id);
      ports.log.info("a leaked ENI was deleted", { eni: eni.id });
    }
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    ports.log.warn("leaked ENIs could not be swept", { why: cause.message });
  }
}

/** ENIs that this node made and never attached, or detached and never deleted. */
export async function sweepOwnLeftovers({
  node,
  ports,
}: {
  readonly node: Node;
  readonly ports: Pick<AgentPorts, "ec2" | "log">;
}): Promise<void> {
  const { clusterName } = node.settings.enis;
  const tags = { [INSTANCE_TAG]: node.identity.instanceId, ...(clusterName === undefined ? {} : { [CLUSTER_TAG]: clusterName }) };
  try {
    for (const eni of await ports.ec2.describeFreeEnis(node.identity.vpcId, tags)) {
      await ports.ec2.deleteEni(eni.id);
      ports.log.info("an unattached ENI of this node was deleted", { eni: eni.id });
    }
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    ports.log.warn("unattached ENIs of this node could not be swept", { why: cause.message });
  }
}
