import { formatCidr4, formatIpv4, type EniId } from "@slash28/address";
import { INSTANCE_TAG, isManagedEni, observe, observedEni, type Observed } from "@slash28/ipam";
import type { Ec2Eni } from "@slash28/ports";
import type { Node } from "../node.ts";
import { listOwnEnis } from "./confirm-absence.ts";
import { eniTags } from "./eni-tags.ts";
import { withoutNew } from "./familiar-blocks.ts";
import { learnExclusions, learnRanges, podPolicy } from "./list-subnets.ts";
import { sweepOwnLeftovers } from "./leaked-enis.ts";
import type { PoolAgent } from "./pool-agent.ts";

/** What the node has at its start. On a node without an address tags and leftovers wait for the next look: the first address comes first. */
export async function firstLook(agent: PoolAgent): Promise<void> {
  const { node, ports } = agent;
  const listed = await lookThroughEc2(agent);
  node.isMendDue = true;
  if (node.ledger.counts(ports.clock.now()).held > 0) await mend(agent, listed);
  await learnExclusions(agent);
  await observeVpc(agent);
}

/** Looks at the node through the metadata service, and asks EC2 where that differs from the ledger, or at once when told to. */
export async function observeNode(agent: PoolAgent, askEc2: boolean): Promise<void> {
  const { node, ports } = agent;
  if (askEc2 || node.isMendDue) {
    await observeThroughEc2(agent);
  } else {
    const shown = await ports.metadata.enis();
    const enis = shown.filter((eni) => eni.networkCard === 0 && !node.unmanaged.has(eni.id));
    // Its place is free for an ENI of ours.
    const hasLeft = [...node.unmanaged].some(([id, { inMetadata }]) => inMetadata && shown.every((eni) => eni.id !== id));
    const { metadataOnly } = node.settings.enis;
    const familiar = metadataOnly ? enis : enis.map((eni) => withoutNew(node, eni));
    const isNew = enis.some((eni, index) => node.ledger.eni(eni.id) === undefined || eni !== familiar[index]);
    // A new ENI may be someone else's: only its tags tell, and only EC2 shows them.
    const known = { source: "metadata" as const, enis: familiar.filter((eni) => node.ledger.eni(eni.id) !== undefined) };
    const seen = observe(node.ledger, known, podPolicy(node), ports.clock.now());
    tell(agent, seen);
    if ((isNew || hasLeft || seen.unconfirmed.length > 0) && !metadataOnly) await observeThroughEc2(agent);
  }
  await learnExclusions(agent);
  await observeVpc(agent);
}

async function observeThroughEc2(agent: PoolAgent): Promise<void> {
  await mend(agent, await lookThroughEc2(agent));
}

async function mend(agent: PoolAgent, listed: readonly Ec2Eni[]): Promise<void> {
  const { node } = agent;
  if (!node.settings.enis.provisioningDisabled) {
    await mendEnis(agent, listed);
    if (node.isMendDue) await sweepOwnLeftovers(agent);
  }
  node.isMendDue = false;
}

async function lookThroughEc2(agent: PoolAgent): Promise<readonly Ec2Eni[]> {
  const listed = await listOwnEnis(agent);
  await learnRanges(agent, listed);
  const seen = takeIn(agent.node, listed, agent.ports.clock.now());
  tell(agent, { ...seen, lost: newlyLost(agent.node, seen) });
  if (seen.newEnis.length + seen.goneEnis.length > 0) agent.wireHost();
  return listed;
}

/** The node's ENIs by what EC2 lists. Pure memory: no call is made. */
export function takeIn(node: Node, listed: readonly Ec2Eni[], now: number): Observed {
  const { ledger, identity, settings } = node;
  node.unmanaged.clear();
  const enis = listed.flatMap((eni) => {
    const onCard = eni.attachment?.networkCard === 0;
    const isPrimary = eni.id === identity.primaryEni;
    if (isPrimary) node.connectionTracking = eni.connectionTracking;
    const isOurs = isManagedEni({ tags: eni.tags, isPrimary }, identity.instanceId, settings.enis.manageUntagged);
    if (eni.attachment?.networkCard === 0 && (!isOurs || eni.kind === "efa-only"))
      node.unmanaged.set(eni.id, { inMetadata: eni.kind !== "efa-only", deviceIndex: eni.attachment.deviceIndex });
    if (!onCard || !isOurs || eni.status === "detaching" || eni.attachment === undefined) return [];
    node.attachments.set(eni.id, eni.attachment.id);
    const observed = observedEni(eni);
    return observed === undefined ? [] : [observed];
  });
  const seen = observe(ledger, { source: "ec2", enis }, podPolicy(node), now);
  for (const gone of seen.goneEnis) node.attachments.delete(gone);
  return seen;
}

/** What EC2 took from pods since it was last asked: each loss is told once. */
function newlyLost(node: Node, { lost }: Observed): Observed["lost"] {
  const before = node.lost;
  node.lost = new Set(lost.map(({ address }) => address));
  return lost.filter(({ address }) => !before.has(address));
}

function tell({ node, ports }: PoolAgent, seen: Observed): void {
  const { log, metrics } = ports;
  for (const eni of seen.newEnis) log.info("ENI found on the instance", { eni });
  for (const eni of seen.goneEnis) log.warn("ENI is gone that nobody here released", { eni });
  if (seen.goneEnis.length > 0) metrics.add("awscni_reconcile_count", { fn: "eniReconcileDel" }, seen.goneEnis.length);
  if (seen.newEnis.length > 0) metrics.add("awscni_reconcile_count", { fn: "eniReconcileAdd" }, seen.newEnis.length);
  if (seen.added.length > 0) metrics.add("awscni_reconcile_count", { fn: "eniDataStorePoolReconcileAdd" }, seen.added.length);
  if (seen.dropped.length > 0) metrics.add("awscni_reconcile_count", { fn: "eniIPPoolReconcileDel" }, seen.dropped.length);
  if (seen.lost.length > 0) metrics.add("awscni_force_removed_ips", {}, seen.lost.length);
  const forced = new Set(seen.lost.map(({ eni }) => eni).filter((eni) => node.ledger.eni(eni)?.isGone));
  if (forced.size > 0) metrics.add("awscni_force_removed_enis", {}, forced.size);
  if (seen.added.length > 0) log.info("EC2 lists addresses that were not known", { blocks: seen.added.map(formatCidr4).join(",") });
  if (seen.dropped.length > 0)
    log.warn("EC2 no longer lists addresses that were free", { blocks: seen.dropped.map(formatCidr4).join(",") });
  for (const { address, owner } of seen.lost)
    log.error("EC2 no longer lists the address of a running pod", {
      address: formatIpv4(address),
      pod: owner === undefined ? undefined : `${owner.namespace}/${owner.name}`,
    });
}

/** Tags that are missing, ENIs that would outlive the instance, and groups that the primary ENI got while no agent ran. */
async function mendEnis({ node, ports }: PoolAgent, listed: readonly Ec2Eni[]): Promise<void> {
  const { instanceId, primaryEni } = node.identity;
  const wanted = eniTags(instanceId, node.settings.enis);
  for (const eni of listed) {
    if (node.ledger.eni(eni.id) === undefined || eni.kind === "trunk" || eni.attachment === undefined) continue;
    const missing = Object.entries(wanted).filter(([key, value]) => eni.tags[key] !== value);
    if (missing.length > 0) await ports.ec2.tag(eni.id, Object.fromEntries(missing));
    const isOwn = eni.id !== primaryEni && eni.tags[INSTANCE_TAG] === instanceId;
    if (isOwn && !eni.attachment.deleteOnTermination) await ports.ec2.deleteOnTermination(eni.id, eni.attachment.id);
    if (!node.areGroupsCompared && !node.settings.pool.customNetworking && eni.id !== primaryEni && !sameGroups(eni.groups, node.groups))
      await ports.ec2.setGroups(eni.id, node.groups);
  }
  node.areGroupsCompared = true;
}

function sameGroups(a: Ec2Eni["groups"], b: Ec2Eni["groups"]): boolean {
  return a.toSorted().join() === b.toSorted().join();
}

/** VPC ranges decide what is translated, the primary ENI's groups what new ENIs get; both may change while the node runs. */
async function observeVpc(agent: PoolAgent): Promise<void> {
  const { node, ports } = agent;
  const { vpcCidrs, groups } = await ports.metadata.identity();
  if (vpcCidrs.map(formatCidr4).join() !== node.vpcCidrs.map(formatCidr4).join()) {
    node.vpcCidrs = vpcCidrs;
    agent.wireHost();
  }
  if (node.settings.pool.customNetworking || node.settings.enis.provisioningDisabled) return;
  if (sameGroups(groups, node.groups) && node.areGroupsCompared) return;
  // Of a change without an answer nobody knows which ENIs have it, even should the groups change back meanwhile.
  node.areGroupsCompared = false;
  for (const eni of secondaryEnis(node)) await ports.ec2.setGroups(eni, groups);
  node.groups = groups;
  node.areGroupsCompared = true;
}

function secondaryEnis(node: Node): readonly EniId[] {
  return node.ledger
    .enis()
    .filter((eni) => !eni.isGone)
    .map((eni) => eni.facts.id)
    .filter((id) => id !== node.identity.primaryEni);
}
