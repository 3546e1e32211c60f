import type { EniId } from "@slash28/address";
import type { Eni } from "@slash28/vpc";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import { countEni, deleteEni } from "../nodes/eni-accounts.ts";
import type { FleetNode } from "../nodes/node.ts";
import { noteExhaustion } from "../nodes/refusals.ts";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import type { ControllerCalls } from "./controller-calls.ts";

const ATTACHED_POLL_MS = 1_000;

/** A trunk ENI for a node, in the controller's order of calls; `undefined`: EC2 refused one of them. */
export function* attachTrunk(world: World, calls: ControllerCalls, node: FleetNode): Steps<EniId | undefined> {
  const { cloud } = world.network;
  const { instanceId } = node.identity;
  yield* calls.call(world, "DescribeInstances", () => DONE);
  const made = yield* createFor(world, calls, node, { kind: "trunk", description: "aws-k8s-trunk-eni" });
  if (made === undefined) return undefined;
  let settleMs = 0;
  const attached = yield* calls.call(world, "AttachNetworkInterface", (call) => {
    const deviceIndex = highestFreeIndex(world, node);
    const result = cloud.attachEni({ eniId: made.id, instanceId, deviceIndex, networkCard: 0 }, call);
    settleMs = world.ec2.settleMs("attaching");
    const settle = (attachmentId: NonNullable<Eni["attachment"]>["id"]): void =>
      world.queue.in(settleMs, { fire: () => void cloud.settleAttachment({ attachmentId }, { now: world.queue.now }) });
    if (result.ok) settle(result.value.id);
    return result;
  });
  if (!attached.ok) {
    yield* calls.call(world, "DeleteNetworkInterface", (call) => deleteEni(world, node, made.id, call));
    return undefined;
  }
  const change = { attribute: "delete-on-termination", attachmentId: attached.value.id, value: true } as const;
  yield* calls.call(world, "ModifyNetworkInterfaceAttribute", (call) => cloud.modifyEni({ eniId: made.id, change }, call));
  yield Math.max(ATTACHED_POLL_MS, settleMs);
  yield* calls.call(world, "DescribeNetworkInterfaces", () => DONE);
  return made.id;
}

const DONE = { ok: true, value: undefined } as const;

/** An ENI in the subnet that a node's trunk and branches are in, with the leave to attach it; `undefined`: EC2 refused it. */
export function* createFor(
  world: World,
  calls: ControllerCalls,
  node: FleetNode,
  what: { readonly kind?: "trunk"; readonly description: string },
): Steps<Eni | undefined> {
  const { cloud } = world.network;
  const subnet = subnetFor(world, node);
  const created = yield* calls.call(world, "CreateNetworkInterface", (call) => {
    const result = cloud.createEni({ subnetId: subnet.id, ...what }, call);
    if (!result.ok) noteExhaustion(world, subnet, result.error);
    else {
      countEni(world, node, result.value, 1, call.now);
      if (what.kind !== "trunk") world.figures.branchEnis.add(1, call.now);
    }
    return result;
  });
  if (!created.ok) return undefined;
  yield* calls.call(world, "CreateNetworkInterfacePermission", () => DONE);
  return created.value;
}

/** The ENIConfig's with custom networking, else the node's own. */
function subnetFor(world: World, node: FleetNode): SubnetOfRun {
  const wanted = node.settings.pool.customNetworking ? world.eniConfigs[node.zone] : undefined;
  return wanted === undefined ? node.identity.subnet : world.network.byName(wanted);
}

/** The controller counts from the top, the agent from the bottom. */
function highestFreeIndex(world: World, node: FleetNode): number {
  const taken = new Set(attachmentsOf(world, node).map(({ attachment }) => attachment?.deviceIndex));
  let index = node.identity.limits.maxEnis - 1;
  while (index > 0 && taken.has(index)) index--;
  return index;
}

/** Whether one ENI more fits the node. */
export function hasFreePlace(world: World, node: FleetNode): boolean {
  return attachmentsOf(world, node).length + node.identity.reservedEnis < node.identity.limits.maxEnis;
}

function attachmentsOf(world: World, node: FleetNode): readonly Eni[] {
  return world.network.cloud.view.attachedEnis(node.identity.instanceId);
}
