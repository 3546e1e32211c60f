import { observe, observedEni, type ObservedEni } from "@slash28/ipam";
import type { Ec2Result } from "@slash28/vpc";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { callEc2 } from "./call-ec2.ts";
import { describeSubnets } from "./new-eni.ts";
import type { FleetNode } from "./node.ts";

/** Waits as the agent's start does when EC2 does not answer: for as long as it takes. */
const RETRY_MS = 5_000;

/** What EC2 lists on the instance, taken into the ledger; `false`: EC2 did not answer. */
export function* lookThroughEc2(world: World, node: FleetNode): Steps<boolean> {
  const answer = yield* callEc2(world, node, { action: "DescribeNetworkInterfaces" }, () => ({ ok: true, value: attachedTo(world, node) }));
  if (!answer.ok) return false;
  observe(node.ledger, { source: "ec2", enis: answer.value }, node.policy, world.queue.now);
  return true;
}

/** The ENIs that are attached to a node's instance and do not leave it. */
export function attachedTo(world: World, node: FleetNode): readonly ObservedEni[] {
  return world.network.cloud.view.attachedEnis(node.identity.instanceId).flatMap((eni) => {
    // A trunk carries no pod's address: the planner knows it as a place that is kept.
    if (eni.kind === "trunk" || eni.attachment === undefined || eni.attachment.status === "detaching") return [];
    const { id, mac, subnetId, primaryAddress, secondaryAddresses: addresses, prefixes, attachment } = eni;
    return observedEni({ id, mac, subnetId, primaryAddress, addresses, prefixes, kind: "interface", attachment }) ?? [];
  });
}

/** The agent's first look: the subnets of its zone, its ENIs, and what an earlier run left, unless the first address is still to come. */
export function* firstLook(world: World, node: FleetNode): Steps<{ readonly isMendDue: boolean }> {
  if (node.settings.enis.subnetDiscovery && node.described === undefined) yield* describeSubnets(world, node);
  while (!(yield* lookThroughEc2(world, node))) yield RETRY_MS;
  if (node.ledger.counts(world.queue.now).held === 0) return { isMendDue: true };
  return { isMendDue: !(yield* mend(world, node)) };
}

/** Tags that the primary ENI misses, and unattached ENIs of the node, which a run has not: EC2 is asked all the same. `false`: not yet. */
export function* mend(world: World, node: FleetNode): Steps<boolean> {
  if (node.settings.enis.provisioningDisabled) return true;
  if (!node.isTagged) {
    const tagged = yield* callEc2(world, node, { action: "CreateTags" }, () => DONE);
    if (!tagged.ok) return false;
    node.isTagged = true;
  }
  // Whether that is answered or not: the next hour's sweep looks again.
  yield* callEc2(world, node, { action: "DescribeNetworkInterfaces" }, () => DONE);
  return true;
}

const DONE: Ec2Result<undefined> = { ok: true, value: undefined };
