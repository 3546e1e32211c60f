import { afterRefusal, capacityRefusalOf, type BlockKind, type CapacityScope } from "@slash28/ipam";
import type { FaultCode } from "@slash28/ports";
import type { Ec2Error } from "@slash28/vpc";
import type { SubnetOfRun } from "../cloud/fleet-subnet.ts";
import type { World } from "../world.ts";
import type { FleetNode } from "./node.ts";

/** Remembers that a subnet could not give what was asked of it, as the agent does. Other faults change nothing. */
export function recordRefusal(
  world: World,
  node: FleetNode,
  fault: FaultCode,
  asked: { readonly scope: CapacityScope; readonly of: BlockKind; readonly asked: number },
): void {
  const why = capacityRefusalOf(fault);
  if (why !== undefined) node.capacity = afterRefusal(node.capacity, { ...asked, why }, node.waiting.length, world.queue.now);
}

/** Takes note of what ran out, where a refusal shows that something did: a subnet that has some left, and not as many as were asked for, did not. */
export function noteExhaustion(world: World, subnet: SubnetOfRun, error: Ec2Error | undefined): void {
  if (error === undefined) return;
  const { now } = world.queue;
  if (error.code === "NetworkInterfaceLimitExceeded") return world.figures.exhausted("eni-quota", subnet, now);
  const usage = world.network.cloud.view.subnetUsage(subnet.id);
  if (usage === undefined) return;
  if (error.code === "InsufficientFreeAddressesInSubnet" && usage.free === 0) world.figures.exhausted("no-free-addresses", subnet, now);
  const isForPrefix = error.code === "InsufficientCidrBlocks" || error.code === "InvalidParameterValue";
  if (!isForPrefix || usage.freePrefixes > 0) return;
  world.figures.exhausted(usage.free + usage.setAside === 0 ? "no-free-addresses" : "no-free-prefix", subnet, now);
}
