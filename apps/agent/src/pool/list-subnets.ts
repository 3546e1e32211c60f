import type { SubnetId } from "@slash28/address";
import { AGENT_PACE, excludedSubnets, type ObservePolicy } from "@slash28/ipam";
import { Fault, type Ec2Eni, type Ec2Subnet } from "@slash28/ports";
import type { Node } from "../node.ts";
import type { PoolAgent } from "./pool-agent.ts";

/** How often a node that never got an answer asks again on its own. */
const ASK_AGAIN_MS = 5 * 60_000;
const RANGE_WITHIN_MS = 30_000;
const RANGE_POLL_MS = 250;

/**
 * The subnets of the node's zone. When EC2 does not list them the last list stands; `undefined` when there is none: the caller goes on with
 * the node's own subnet, for a missing permission must not keep pods waiting.
 */
export async function listSubnets({ node, ports, tell }: PoolAgent): Promise<readonly Ec2Subnet[] | undefined> {
  const { vpcId, zone } = node.identity;
  node.subnetsAskedAt = ports.clock.now();
  try {
    const found = await ports.ec2.describeSubnets(vpcId, zone);
    for (const subnet of found) node.subnetCidrs.set(subnet.id, subnet.cidr);
    node.subnets = found;
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    const fault = new Fault("SUBNETS_UNKNOWN", { zone, subnet: node.identity.subnetId, detail: cause.message }, { cause });
    ports.log.warn("subnets are not discovered", { fault: fault.code, why: fault.message });
    tell(fault);
    if (cause.code === "EC2_UNAUTHORIZED") tell(cause);
  }
  return node.subnets;
}

/** The subnets as listed a moment ago, or now; now also when the wanted one is not among them. */
export async function recentSubnets(agent: PoolAgent, wanted: SubnetId | undefined): Promise<readonly Ec2Subnet[] | undefined> {
  const { subnets, subnetsAskedAt } = agent.node;
  const isYoung = subnetsAskedAt !== undefined && agent.ports.clock.now() - subnetsAskedAt < AGENT_PACE.youngSubnetsMs;
  const hasWanted = wanted === undefined || subnets?.some(({ id }) => id === wanted) === true;
  return isYoung && hasWanted && subnets !== undefined ? subnets : await listSubnets(agent);
}

/** Learns once which subnets are tagged against pods; later lists come with new ENIs. */
export async function learnExclusions(agent: PoolAgent): Promise<void> {
  const { node, ports } = agent;
  const { subnetDiscovery, metadataOnly } = node.settings.enis;
  if (!subnetDiscovery || metadataOnly || node.subnets !== undefined) return;
  if (node.subnetsAskedAt === undefined || ports.clock.now() - node.subnetsAskedAt >= ASK_AGAIN_MS) await listSubnets(agent);
}

/** Which ENIs take pods. Without discovery no tag keeps an ENI that is there from serving, as upstream has it. */
export function podPolicy({ settings, subnets }: Node): ObservePolicy {
  const { subnetDiscovery, clusterName } = settings.enis;
  const { customNetworking } = settings.pool;
  if (!subnetDiscovery || subnets === undefined) return { customNetworking };
  return { customNetworking, excludedSubnets: excludedSubnets(subnets, clusterName) };
}

/** The ranges of the ENIs' subnets, which their routes need: from the metadata service, and from EC2 for those it does not show yet. */
export async function learnRanges(agent: PoolAgent, enis: readonly Pick<Ec2Eni, "subnetId">[]): Promise<void> {
  const { node } = agent;
  const isKnown = (): boolean => enis.every((eni) => node.subnetCidrs.has(eni.subnetId));
  if (!isKnown()) await readShownRanges(agent);
  if (!isKnown()) await listSubnets(agent);
}

/** Waits until the range of a new ENI's subnet is known: the metadata service shows it within seconds where EC2 does not list subnets. */
export async function rangeOf(agent: PoolAgent, subnetId: SubnetId): Promise<void> {
  const { node, ports } = agent;
  const deadline = ports.clock.now() + RANGE_WITHIN_MS;
  while (!node.subnetCidrs.has(subnetId)) {
    await readShownRanges(agent);
    if (node.subnetCidrs.has(subnetId)) return;
    if (ports.clock.now() >= deadline)
      throw new Fault("EC2_FAILED", { api: "DescribeSubnets", code: "NoRange", detail: `the range of ${subnetId} is not known` });
    await ports.clock.sleep(RANGE_POLL_MS);
  }
}

async function readShownRanges({ node, ports }: PoolAgent): Promise<void> {
  for (const eni of await ports.metadata.enis()) node.subnetCidrs.set(eni.subnetId, eni.subnetCidr);
}
