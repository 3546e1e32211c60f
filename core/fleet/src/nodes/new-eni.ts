import type { SubnetId } from "@slash28/address";
import {
  AGENT_PACE,
  afterSuccess,
  chooseSubnets,
  INSTANCE_TAG,
  isTimeForOtherSubnets,
  mostToAsk,
  observe,
  observedEni,
  type BlockKind,
  type Carry,
} from "@slash28/ipam";
import type { Eni } from "@slash28/vpc";
import { addressesCame } from "./addresses-came.ts";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { callEc2, type NodeAnswer } from "./call-ec2.ts";
import { countEni, deleteEni, rangesOn } from "./eni-accounts.ts";
import type { FleetNode } from "./node.ts";
import { DONE, failed, type Outcome } from "./outcome.ts";
import { noteExhaustion, recordRefusal } from "./refusals.ts";

/** How long a throttled attachment is tried. */
const ATTACH_PATIENCE_MS = 120_000;

/** What the slots of a new ENI are filled with. */
function kindOf(carry: Carry): BlockKind {
  return carry.kind === "prefixes" ? "prefix" : "address";
}

/** Gives the node one more ENI, in the agent's order: create, attach, wait for its link, use its addresses, mark it to go with the instance. */
export function* attachEni(world: World, node: FleetNode, carry: Carry): Steps<Outcome> {
  const made = yield* createEni(world, node, carry);
  if ("fault" in made) return failed(made.fault);
  const { eni } = made;
  const { queue } = world;
  const { cloud } = world.network;
  const { instanceId } = node.identity;
  let shownAt = 0;
  const deviceIndex = freeDeviceIndex(node);
  const attached = yield* callEc2(
    world,
    node,
    { action: "AttachNetworkInterface" },
    (call) => {
      const result = cloud.attachEni({ eniId: eni.id, instanceId, deviceIndex, networkCard: 0 }, call);
      if (result.ok) shownAt = settleLater(world, result.value.id);
      return result;
    },
    ATTACH_PATIENCE_MS,
  );
  if (!attached.ok) {
    yield* removeEni(world, node, eni);
    return failed(attached.fault);
  }
  node.openEni = undefined;
  const { linkPollMs } = AGENT_PACE;
  yield linkPollMs * Math.ceil(Math.max(0, shownAt - queue.now) / linkPollMs);
  takeIn(world, node, eni, attached.value);
  addressesCame(world, node);
  const change = { attribute: "delete-on-termination", attachmentId: attached.value.id, value: true } as const;
  yield* callEc2(world, node, { action: "ModifyNetworkInterfaceAttribute" }, (call) => cloud.modifyEni({ eniId: eni.id, change }, call));
  const of = kindOf(carry);
  node.capacity = afterSuccess(afterSuccess(node.capacity, "new-eni", of), eni.subnetId, of);
  return DONE;
}

/** When the attachment has taken effect. */
function settleLater({ network, queue, ec2 }: World, attachmentId: NonNullable<Eni["attachment"]>["id"]): number {
  const shownAt = queue.now + ec2.settleMs("attaching");
  const settle = (): void => void network.cloud.settleAttachment({ attachmentId }, { now: queue.now });
  if (shownAt <= queue.now) settle();
  else queue.at(shownAt, { fire: settle });
  return shownAt;
}

/** Its addresses become the ledger's. */
function takeIn(world: World, node: FleetNode, eni: Eni, attachment: NonNullable<Eni["attachment"]>): void {
  const { now } = world.queue;
  const bare = observedEni({ ...eni, attachment, kind: "interface", addresses: [], prefixes: [] });
  if (bare === undefined) return;
  observe(node.ledger, { source: "ec2", enis: [bare], asked: [eni.id] }, node.policy, now);
  for (const range of rangesOn(eni)) node.ledger.addBlock(eni.id, range, now);
}

type Created = { readonly eni: Eni } | { readonly fault: Extract<Outcome, { kind: "fault" }>["fault"] };

/** Tries the subnets in order; one that has no room is remembered and passed over. */
function* createEni(world: World, node: FleetNode, carry: Carry): Steps<Created> {
  const places = yield* placesFor(world, node);
  if ("fault" in places) return places;
  node.newEniSubnets = places.subnets;
  const of = kindOf(carry);
  const willing = places.subnets.filter((subnet) => mostToAsk(node.capacity, subnet, of, world.queue.now) > 0);
  let refusal: Created = { fault: "SUBNET_FULL" };
  for (const subnetId of willing.length === 0 ? places.subnets : willing) {
    const answer = yield* askForEni(world, node, subnetId, carry);
    if (answer.ok) return { eni: answer.value };
    recordRefusal(world, node, answer.fault, { scope: subnetId, of, asked: carry.count });
    refusal = { fault: answer.fault };
    if (answer.fault !== "SUBNET_FULL" && answer.fault !== "SUBNET_FRAGMENTED" && answer.fault !== "EC2_FAILED") break;
  }
  return refusal;
}

function askForEni(world: World, node: FleetNode, subnetId: SubnetId, carry: Carry): Steps<NodeAnswer<Eni>> {
  const { cloud } = world.network;
  const subnet = world.network.byId(subnetId);
  const isForPrefixes = carry.kind === "prefixes";
  const ask = isForPrefixes ? { prefixCount: carry.count } : { addressCount: carry.count };
  const tags = { [INSTANCE_TAG]: node.identity.instanceId };
  const input = { subnetId, description: `aws-K8S-${node.identity.instanceId}`, tags, ...(carry.count > 0 ? { carry: ask } : {}) };
  return callEc2(world, node, { action: "CreateNetworkInterface", isForPrefixes }, (call) => {
    const result = cloud.createEni(input, call);
    if (!result.ok) noteExhaustion(world, subnet, result.error);
    else {
      node.openEni = result.value.id;
      countEni(world, node, result.value, 1, call.now);
    }
    return result;
  });
}

/** Whether subnets may have come since the last ENI was made, when all that were known then had no room. */
export function arePlacesOld({ queue }: World, node: FleetNode): boolean {
  return node.knowsPlaces && node.isWithoutRoom && isTimeForOtherSubnets(node.describedAt, node.waiting.length > 0, queue.now);
}

/** Looks for subnets that came, as the agent does before such a turn. */
export function* renewPlaces(world: World, node: FleetNode): Steps<void> {
  yield* describeSubnets(world, node);
  const places = yield* placesFor(world, node);
  if ("subnets" in places) node.newEniSubnets = places.subnets;
}

type Places = { readonly subnets: readonly SubnetId[] } | { readonly fault: "ENI_CONFIG_UNUSABLE" | "EC2_FAILED" };

/** Where the new ENI may be made, best first. */
function* placesFor(world: World, node: FleetNode): Steps<Places> {
  const { pool, enis } = node.settings;
  const wanted = pool.customNetworking ? world.eniConfigs[node.zone] : undefined;
  if (pool.customNetworking && wanted === undefined) return { fault: "ENI_CONFIG_UNUSABLE" };
  const wantedId = wanted === undefined ? undefined : world.network.byName(wanted).id;
  const isYoung = world.queue.now - node.describedAt < AGENT_PACE.youngSubnetsMs;
  const hasWanted = wantedId === undefined || node.described?.has(wantedId) === true;
  if (!isYoung || !hasWanted || node.described === undefined) yield* describeSubnets(world, node);
  const found = node.described;
  if (wantedId !== undefined) return configuredPlace(node, wantedId);
  const own = node.identity.subnet.id;
  if (found === undefined) return { subnets: [own] };
  const chosen = chooseSubnets(found.all(), { subnetId: own, discovery: enis.subnetDiscovery, clusterName: enis.clusterName });
  return chosen.length > 0 ? { subnets: chosen.map(({ id }) => id) } : { fault: "EC2_FAILED" };
}

/** An ENIConfig's subnet; not one of another zone, nor one that its tags keep from pods. */
function configuredPlace({ described, policy }: FleetNode, wanted: SubnetId): Places {
  const isListed = described === undefined || described.has(wanted);
  return isListed && policy.excludedSubnets?.has(wanted) !== true ? { subnets: [wanted] } : { fault: "ENI_CONFIG_UNUSABLE" };
}

/** Asks for the subnets of the node's zone; without an answer the last list stands. */
export function* describeSubnets(world: World, node: FleetNode): Steps<void> {
  node.describedAt = world.queue.now;
  const answer = yield* callEc2(world, node, { action: "DescribeSubnets" }, () => ({ ok: true, value: world.network.describe(node.zone) }));
  if (answer.ok) node.described = answer.value;
}

/** Deletes an ENI that could not be attached. */
function* removeEni(world: World, node: FleetNode, { id }: Eni): Steps<void> {
  const answer = yield* callEc2(world, node, { action: "DeleteNetworkInterface" }, (call) => deleteEni(world, node, id, call));
  if (answer.ok) node.openEni = undefined;
}

/** The lowest that is free, as far as the node knows. */
function freeDeviceIndex(node: FleetNode): number {
  const taken = new Set(node.ledger.enis().map(({ facts }) => facts.deviceIndex));
  for (let index = 0; ; index++) if (!taken.has(index)) return index;
}
