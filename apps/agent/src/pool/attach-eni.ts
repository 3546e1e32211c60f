import { type AttachmentId, type EniId, type SubnetId } from "@slash28/address";
import {
  AGENT_PACE,
  isTimeForOtherSubnets,
  isWithoutRoom,
  chooseSubnets,
  excludedSubnets,
  mostToAsk,
  observe,
  observedEni,
  rangesOf,
  type BlockKind,
  type Carry,
  type Settings,
} from "@slash28/ipam";
import { Fault, type CreateEniRequest, type Ec2Eni, type Ec2Subnet } from "@slash28/ports";
import type { Node } from "../node.ts";
import type { Step } from "../pods/step-codec.ts";
import { recordRefusal } from "./capacity-record.ts";
import { CREATED_TAG, eniTags } from "./eni-tags.ts";
import { leaveEni, type EniConfig, type PoolAgent } from "./pool-agent.ts";
import { listSubnets, podPolicy, rangeOf, recentSubnets } from "./list-subnets.ts";

/** A link shows within seconds of the attachment; after this long something is wrong. */
const LINK_WITHIN_MS = 30_000;
/** Device indices EC2 takes on one card. */
const DEVICE_INDICES = 100;

/**
 * Gives the node one more ENI: create, attach, wait for its link, wire it, use its addresses, and last mark it to be deleted with the instance:
 * pods wait for addresses, nobody for the mark. From before the request until the mark the step is open in the journal, so that whatever a crash
 * or a lost answer leaves is completed or removed by `settleSteps`.
 */
export async function attachEni(agent: PoolAgent, carry: Carry): Promise<EniId> {
  const { ports, node } = agent;
  const { eni, step } = await createEni(agent, carry);
  ports.log.info("ENI created", { eni: eni.id, subnet: eni.subnetId, carries: `${carry.count} ${carry.kind}` });
  let attachment: NonNullable<Ec2Eni["attachment"]> | undefined;
  try {
    attachment = await attach(agent, eni);
    await linkOf(agent, eni);
    await rangeOf(agent, eni.subnetId);
    enterEni(agent, eni, attachment);
    agent.wireHost();
  } catch (cause) {
    leaveEni(agent, eni.id);
    await undo(agent, step, { eni: eni.id, attachment: attachment?.id });
    throw cause;
  }
  const now = ports.clock.now();
  for (const range of rangesOf(eni)) node.ledger.addBlock(eni.id, range, now);
  ports.log.info("ENI attached", { eni: eni.id, deviceIndex: attachment.deviceIndex, mac: eni.mac });
  agent.sandboxes.waiters.ring();
  await markForEnd(agent, step, attachment.id);
  return eni.id;
}

/**
 * Removes an ENI that cannot be used. Once it is attached that is a step of its own: a next process that found it attached would give its
 * addresses to pods, and a detachment on its way would take it from them.
 */
async function undo(
  agent: PoolAgent,
  step: CreateStep,
  { eni, attachment }: { readonly eni: EniId; readonly attachment: AttachmentId | undefined },
): Promise<void> {
  const { journal, ports } = agent;
  const removal: Step | undefined = attachment === undefined ? undefined : { step: "release-eni", eni, attachment };
  try {
    if (removal !== undefined) await journal.begin(removal);
    if (!(await removeQuietly(agent, eni, attachment))) return;
    await journal.close(step);
    if (removal !== undefined) await journal.close(removal);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    ports.log.warn("the removal of an ENI could not be recorded; it is tried again", { eni, why: cause.message });
  }
}

/** Pods have their addresses by now: a failure leaves the step open for a later look. */
async function markForEnd({ ports, journal }: PoolAgent, step: CreateStep, attachment: AttachmentId): Promise<void> {
  try {
    if (step.eni !== undefined) await ports.ec2.deleteOnTermination(step.eni, attachment);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    return ports.log.warn("an ENI is not marked to go with the instance yet; it is tried again", { eni: step.eni, why: cause.message });
  }
  await journal.close(step);
}

type CreateStep = Extract<Step, { step: "create-eni" }>;

/** Tries the subnets in order; one that has no room is remembered and passed over. */
async function createEni(agent: PoolAgent, carry: Carry): Promise<{ readonly eni: Ec2Eni; readonly step: CreateStep }> {
  const { ports, node, sandboxes } = agent;
  const config = node.settings.pool.customNetworking ? await agent.eniConfig() : undefined;
  const found = await recentSubnets(agent, config?.subnetId);
  node.newEniSubnets = undefined;
  const subnets = placesFor(node, found, config);
  node.newEniSubnets = subnets;
  const of = kindOf(carry);
  const willing = subnets.filter((subnet) => mostToAsk(node.capacity, subnet, of, ports.clock.now()) > 0);
  let refusal: Fault | undefined;
  for (const subnet of willing.length === 0 ? subnets : willing) {
    try {
      const groups = config === undefined || config.groups.length === 0 ? node.groups : config.groups;
      return await request(agent, { subnet, groups, carry });
    } catch (cause) {
      if (!(cause instanceof Fault) || !isOfSubnet(cause)) throw cause;
      if (refusal !== undefined) agent.tell(refusal);
      recordRefusal(node, cause, { scope: subnet, of, asked: carry.count }, { waiting: sandboxes.waiters.count, now: ports.clock.now() });
      refusal = cause;
    }
  }
  throw refusal ?? new Fault("SUBNET_FULL", {});
}

interface Wish {
  readonly subnet: SubnetId;
  readonly groups: CreateEniRequest["groups"];
  readonly carry: Carry;
}

/** Asks EC2 for an ENI, with the intent on the disk first. A refusal closes the step; without an answer it stays open. */
async function request(agent: PoolAgent, wish: Wish): Promise<{ readonly eni: Ec2Eni; readonly step: CreateStep }> {
  const { node, ports, journal } = agent;
  const step: CreateStep = { step: "create-eni", request: requestOf(node, wish, { now: ports.clock.now(), random: agent.random }) };
  await journal.begin(step);
  let eni: Ec2Eni;
  try {
    eni = await ports.ec2.createEni(step.request);
  } catch (cause) {
    if (cause instanceof Fault && isAnswer(cause)) await journal.close(step);
    throw cause;
  }
  const known: CreateStep = { ...step, eni: eni.id };
  await journal.begin(known);
  return { eni, step: known };
}

/** EC2 said no; otherwise it may have made the ENI. */
function isAnswer({ code, fields }: Fault): boolean {
  return code !== "EC2_UNREACHABLE" && fields["code"] !== "UnexpectedAnswer";
}

/** What the slots of a new ENI are filled with. */
export function kindOf(carry: Carry): BlockKind {
  return carry.kind === "prefixes" ? "prefix" : "address";
}

/** EC2 refused the call for this subnet: another one may do, for a role may be allowed some subnets only. */
function isOfSubnet({ code, fields }: Fault): boolean {
  if (code === "EC2_FAILED") return fields["code"] !== "UnexpectedAnswer";
  return code === "SUBNET_FULL" || code === "SUBNET_FRAGMENTED" || code === "EC2_UNAUTHORIZED";
}

/**
 * Looks for subnets that came, or an ENIConfig that changed, since the last ENI was made: while every subnet known then refuses, no ENI is
 * asked for, so nothing else would look. Costs nothing while there is room.
 */
export async function renewPlaces(agent: PoolAgent): Promise<void> {
  const { node, ports, sandboxes } = agent;
  if (node.newEniSubnets === undefined || !isWithoutRoom(node.lastPlan)) return;
  if (!isTimeForOtherSubnets(node.subnetsAskedAt ?? 0, sandboxes.waiters.count > 0, ports.clock.now())) return;
  try {
    const config = node.settings.pool.customNetworking ? await agent.eniConfig() : undefined;
    node.newEniSubnets = placesFor(node, await listSubnets(agent), config);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    // What was known stands; an attempt to make an ENI tells what is wrong.
    ports.log.warn("no subnet is found for another ENI", { fault: cause.code, why: cause.message });
  }
}

/** Where the new ENI may be made, best first; without a list of subnets, in the node's own or the one that its ENIConfig names. */
function placesFor(
  { identity, settings }: Node,
  found: readonly Ec2Subnet[] | undefined,
  config: EniConfig | undefined,
): readonly SubnetId[] {
  if (config !== undefined) return [found === undefined ? config.subnetId : configured(identity.zone, found, config, settings)];
  if (found === undefined) return [identity.subnetId];
  const { subnetDiscovery: discovery, clusterName } = settings.enis;
  const chosen = chooseSubnets(found, { subnetId: identity.subnetId, discovery, clusterName });
  if (chosen.length > 0) return chosen.map((subnet) => subnet.id);
  const detail = `no subnet of ${identity.zone} may be used for pods; tag one with kubernetes.io/role/cni=1`;
  throw new Fault("EC2_FAILED", { api: "CreateNetworkInterface", code: "NoSubnet", detail });
}

function configured(zone: string, found: readonly Ec2Subnet[], { name, subnetId }: EniConfig, { enis }: Settings): SubnetId {
  const isThere = found.some((subnet) => subnet.id === subnetId);
  if (!isThere) throw new Fault("ENI_CONFIG_UNUSABLE", { name, detail: `names ${subnetId}, which is not in ${zone}` });
  // Tags count as they do for ENIs that are there: its addresses would be handed back at once.
  if (enis.subnetDiscovery && excludedSubnets(found, enis.clusterName).has(subnetId))
    throw new Fault("ENI_CONFIG_UNUSABLE", { name, detail: `names ${subnetId}, which its tags keep from this cluster's pods` });
  return subnetId;
}

function requestOf(
  { identity, settings, connectionTracking }: Node,
  wish: Wish,
  at: { readonly now: number; readonly random: () => number },
): CreateEniRequest {
  return {
    subnetId: wish.subnet,
    groups: wish.groups,
    description: `aws-K8S-${identity.instanceId}`,
    tags: { ...eniTags(identity.instanceId, settings.enis), [CREATED_TAG]: new Date(at.now).toISOString().replace(/\.\d+Z$/, "Z") },
    carry: wish.carry,
    clientToken: clientToken(at.random),
    ...(connectionTracking === undefined ? {} : { connectionTracking }),
  };
}

/** 32 hex digits. */
function clientToken(random: () => number): string {
  const word = (): string => Math.floor(random() * 2 ** 32).toString(16);
  return Array.from({ length: 4 }, () => word().padStart(8, "0")).join("");
}

/** Attaches at the lowest index that is free as far as the node knows; EC2 is asked which ones are taken only when it refuses that one. */
async function attach(agent: PoolAgent, eni: Ec2Eni): Promise<NonNullable<Ec2Eni["attachment"]>> {
  const { ports, node } = agent;
  const known = [
    ...node.ledger.enis().map(({ facts }) => facts.deviceIndex),
    ...Array.from(node.unmanaged.values(), (each) => each.deviceIndex),
  ];
  try {
    return await attachAt(agent, eni, new Set(known));
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.fields["code"] !== "InvalidParameterValue") throw cause;
  }
  const listed = await ports.ec2.describeAttachedEnis(node.identity.instanceId);
  return attachAt(agent, eni, new Set(listed.flatMap(({ attachment }) => (attachment?.networkCard === 0 ? attachment.deviceIndex : []))));
}

async function attachAt({ ports, node }: PoolAgent, eni: Ec2Eni, taken: ReadonlySet<number>): Promise<NonNullable<Ec2Eni["attachment"]>> {
  const { instanceId } = node.identity;
  const deviceIndex = Array.from({ length: DEVICE_INDICES }, (_, index) => index).find((index) => !taken.has(index));
  if (deviceIndex === undefined) throw new Fault("INSTANCE_ENI_LIMIT", { instance: instanceId });
  const id = await ports.ec2.attachEni(eni.id, instanceId, deviceIndex, 0);
  return { id, instanceId, deviceIndex, networkCard: 0, deleteOnTermination: true };
}

async function linkOf({ ports }: PoolAgent, eni: Ec2Eni): Promise<void> {
  const deadline = ports.clock.now() + LINK_WITHIN_MS;
  while (!ports.network.linkMacs().includes(eni.mac)) {
    if (ports.clock.now() >= deadline)
      throw new Fault("EC2_FAILED", { api: "AttachNetworkInterface", code: "NoLink", detail: `${eni.id} shows no link with ${eni.mac}` });
    await ports.clock.sleep(AGENT_PACE.linkPollMs);
  }
}

/** Puts the ENI into the ledger without its addresses: nothing is given out before its link is wired. */
function enterEni({ node, ports }: PoolAgent, eni: Ec2Eni, attachment: NonNullable<Ec2Eni["attachment"]>): void {
  const bare = observedEni({ ...eni, attachment, addresses: [], prefixes: [] });
  if (bare === undefined) return;
  node.attachments.set(eni.id, attachment.id);
  observe(node.ledger, { source: "ec2", enis: [bare], asked: [eni.id] }, podPolicy(node), ports.clock.now());
}

/** `false`: it may still be there, and its step has to stay open. */
async function removeQuietly({ ports }: PoolAgent, eni: EniId, attachment: AttachmentId | undefined): Promise<boolean> {
  try {
    if (attachment !== undefined) {
      await ports.ec2.detachEni(attachment);
      await untilFree(ports, eni);
    }
    await ports.ec2.deleteEni(eni);
    return true;
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    ports.log.warn("an ENI could not be removed; it is tried again", { eni, why: cause.message });
    return false;
  }
}

const FREE_WITHIN_MS = 60_000;

/** Waits until EC2 has taken an ENI off the instance: only then it can be deleted. */
export async function untilFree(ports: Pick<PoolAgent["ports"], "ec2" | "clock">, eni: EniId): Promise<void> {
  const deadline = ports.clock.now() + FREE_WITHIN_MS;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    const [found] = await ports.ec2.describeEnis([eni]);
    if (found === undefined || found.status === "available") return;
    if (ports.clock.now() >= deadline)
      throw new Fault("EC2_FAILED", { api: "DetachNetworkInterface", code: "StillAttached", detail: `${eni} is ${found.status}` });
    await ports.clock.sleep(pauseMs);
  }
}
