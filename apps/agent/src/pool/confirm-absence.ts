import { absencesIn, CONFIRM_AFTER_MS, listedInEither } from "@slash28/ipam";
import type { Ec2Eni } from "@slash28/ports";
import type { PoolAgent } from "./pool-agent.ts";

/**
 * The ENIs that EC2 lists on the instance, asked a second time where something of the ledger's is missing: only what both answers lack is
 * absent. Meanwhile nobody is given an address that is in question.
 */
export async function listOwnEnis({ node, ports }: PoolAgent): Promise<readonly Ec2Eni[]> {
  const { instanceId } = node.identity;
  const first = await ports.ec2.describeAttachedEnis(instanceId);
  const absent = absencesIn(node.ledger, first.filter(isThere), ports.clock.now());
  if (absent.length === 0) return first;
  for (const { eni, cidr } of absent) if (cidr !== undefined) node.ledger.markLost(eni, cidr, true);
  await ports.clock.sleep(CONFIRM_AFTER_MS);
  return listedInEither(node.ledger, first.filter(isThere), await ports.ec2.describeAttachedEnis(instanceId));
}

function isThere({ status }: Ec2Eni): boolean {
  return status !== "detaching";
}
