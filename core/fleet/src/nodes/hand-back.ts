import { cidr4Of, type EniId } from "@slash28/address";
import type { PoolPlan } from "@slash28/ipam";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { callEc2 } from "./call-ec2.ts";
import { countRanges, deleteEni } from "./eni-accounts.ts";
import type { FleetNode } from "./node.ts";
import { DONE, failed, NOTHING, type Outcome } from "./outcome.ts";

/** The agent waits until EC2 has taken an ENI off: it looks after this, then after twice as long. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 5_000;

/** Hands addresses or prefixes back: withdrawn first, so that no pod gets one on its way out. */
export function* handBack(world: World, node: FleetNode, plan: Extract<PoolPlan, { kind: "unassign" }>): Steps<Outcome> {
  const { cloud } = world.network;
  const { eni, addresses, prefixes } = plan;
  const withdrawn = node.ledger.withdraw(eni, [...addresses.map((address) => cidr4Of(address, 32)), ...prefixes], world.queue.now);
  for (const ranges of [withdrawn.filter(({ length }) => length < 32), withdrawn.filter(({ length }) => length === 32)]) {
    if (ranges.length === 0) continue;
    const isPrefixes = ranges[0]?.length !== 32;
    const what = isPrefixes ? { prefixes: ranges } : { addresses: ranges.map(({ base }) => base) };
    const answer = yield* callEc2(world, node, { action: "UnassignPrivateIpAddresses" }, (call) => {
      const result = cloud.unassignAddresses({ eniId: eni, ...what }, call);
      if (result.ok) countRanges(world, node, eni, ranges, -1);
      return result;
    });
    if (!answer.ok) {
      node.ledger.restore(eni, withdrawn);
      return failed(answer.fault);
    }
    for (const range of ranges) node.ledger.dropBlock(eni, range, world.queue.now);
  }
  return withdrawn.length === 0 ? NOTHING : DONE;
}

/** Detaches and deletes an ENI without pods. */
export function* releaseEni(world: World, node: FleetNode, eniId: EniId): Steps<Outcome> {
  const { cloud } = world.network;
  const attachmentId = cloud.view.eni(eniId)?.attachment?.id;
  if (attachmentId === undefined || !node.ledger.withdrawEni(eniId, world.queue.now)) return NOTHING;
  let freeAt = 0;
  const detached = yield* callEc2(world, node, { action: "DetachNetworkInterface" }, (call) => {
    const result = cloud.detachEni({ attachmentId }, call);
    freeAt = world.queue.now + world.ec2.settleMs("detaching");
    const settle = (): void => void cloud.settleAttachment({ attachmentId }, { now: world.queue.now });
    // Where EC2 takes no time at all, the first look must find it settled.
    if (result.ok && freeAt <= world.queue.now) settle();
    else if (result.ok) world.queue.at(freeAt, { fire: settle });
    return result;
  });
  if (!detached.ok) {
    node.ledger.restoreEni(eniId);
    return failed(detached.fault);
  }
  node.openEni = eniId;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_LOOK_MS)) {
    const seen = yield* callEc2(world, node, { action: "DescribeNetworkInterfaces" }, ({ now }) => ({ ok: true, value: now >= freeAt }));
    if (seen.ok && seen.value) break;
    yield pauseMs;
  }
  const deleted = yield* deleteDetached(world, node, eniId);
  if (deleted.kind === "done") {
    node.openEni = undefined;
    node.ledger.dropEni(eniId, world.queue.now);
  }
  return deleted;
}

/** Tried again where it is throttled: what comes next would only wait as well. */
function* deleteDetached(world: World, node: FleetNode, eniId: EniId): Steps<Outcome> {
  for (;;) {
    const answer = yield* callEc2(world, node, { action: "DeleteNetworkInterface" }, (call) => deleteEni(world, node, eniId, call));
    if (answer.ok) return DONE;
    if (answer.fault !== "EC2_THROTTLED") return failed(answer.fault);
    yield LAST_LOOK_MS;
  }
}
