import { planIpv6Pool } from "@slash28/ipam";
import { FAULTS, type FaultCode, type FaultSpec } from "@slash28/ports";
import type { Ec2Result, Eni } from "@slash28/vpc";
import type { Steps } from "../time/steps.ts";
import type { World } from "../world.ts";
import { callEc2 } from "./call-ec2.ts";
import type { FleetNode } from "./node.ts";

/** After a fault that does not say itself when to come again. */
const RETRY_MS = 5_000;

/**
 * An agent of an IPv6 cluster from its start until pods get addresses, as the VPC CNI does it: it looks at its ENI, tags it, and has a /80 delegated to it
 * unless it has one. After that it asks EC2 for nothing more: there is no pool to turn and no sweep.
 */
export function* startIpv6Agent(world: World, node: FleetNode): Steps<void> {
  node.hasIpv6Prefix = false;
  for (;;) {
    const fault = yield* prepare(world, node);
    if (fault === undefined) break;
    const spec: FaultSpec = FAULTS[fault];
    yield Math.max(RETRY_MS, spec.retryAfterMs ?? 0);
  }
  node.hasIpv6Prefix = true;
}

function* prepare(world: World, node: FleetNode): Steps<FaultCode | undefined> {
  const seen = yield* callEc2(world, node, { action: "DescribeNetworkInterfaces" }, () => primaryOf(world, node));
  if (!seen.ok) return seen.fault;
  if (!node.isTagged) {
    const tagged = yield* callEc2(world, node, { action: "CreateTags" }, () => ({ ok: true, value: undefined }));
    if (!tagged.ok) return tagged.fault;
    node.isTagged = true;
  }
  if (planIpv6Pool(seen.value).kind === "ready") return undefined;
  return yield* assignPrefix(world, node, seen.value);
}

function* assignPrefix(world: World, node: FleetNode, { id }: Eni): Steps<FaultCode | undefined> {
  const { cloud } = world.network;
  const { subnet } = node.identity;
  const answer = yield* callEc2(world, node, { action: "AssignIpv6Addresses", isForPrefixes: true }, (call) => {
    const result = cloud.assignIpv6Addresses({ eniId: id, carry: { prefixCount: 1 } }, call);
    if (result.ok) subnet.ipv6Prefixes.add(1, call.now);
    else if (result.error.code === "InsufficientCidrBlocks") world.figures.exhausted("no-free-ipv6-prefix", subnet, call.now);
    return result;
  });
  return answer.ok ? undefined : answer.fault;
}

function primaryOf(world: World, node: FleetNode): Ec2Result<Eni> {
  const primary = world.network.cloud.view.attachedEnis(node.identity.instanceId).find(({ attachment }) => attachment?.deviceIndex === 0);
  if (primary === undefined) throw new Error(`${node.identity.name} has no primary ENI`);
  return { ok: true, value: primary };
}
