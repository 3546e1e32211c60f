import { cidr4Of, type Cidr4, type EniId } from "@slash28/address";
import type { Call, Ec2Result, Eni } from "@slash28/vpc";
import type { World } from "../world.ts";
import type { FleetNode } from "./node.ts";

/** Secondary addresses and prefixes of an ENI as ranges. */
export function rangesOn(eni: Pick<Eni, "secondaryAddresses" | "prefixes">): readonly Cidr4[] {
  return [...eni.secondaryAddresses.map((address) => cidr4Of(address, 32)), ...eni.prefixes];
}

/** An ENI of a node came to a subnet, or went, with all it has. */
export function countEni(world: World, node: FleetNode, eni: Eni, sign: 1 | -1, now: number): void {
  const subnet = world.network.byId(eni.subnetId);
  subnet.map.countNodes(cidr4Of(eni.primaryAddress, 32), sign);
  world.figures.hold(node, subnet, rangesOn(eni), sign, now);
  subnet.ipv6Prefixes.add(sign * eni.ipv6Prefixes.length, now);
  world.network.noteUse(subnet, now);
}

/** Ranges came to one of a node's ENIs, or went. */
export function countRanges(world: World, node: FleetNode, eniId: EniId, ranges: readonly Cidr4[], sign: 1 | -1): void {
  const subnetId = node.ledger.eni(eniId)?.facts.subnetId;
  if (subnetId === undefined) throw new Error(`${eniId} is not on ${node.identity.name}`);
  const subnet = world.network.byId(subnetId);
  world.figures.hold(node, subnet, ranges, sign, world.queue.now);
  world.network.noteUse(subnet, world.queue.now);
}

/** Deletes a node's ENI, which is attached to nothing. */
export function deleteEni(world: World, node: FleetNode, eniId: EniId, call: Call): Ec2Result<void> {
  const { cloud } = world.network;
  const eni = cloud.view.eni(eniId);
  const result = cloud.deleteEni({ eniId }, call);
  if (result.ok && eni !== undefined) countEni(world, node, eni, -1, call.now);
  return result;
}
