import { cidr4, cidr4Of, cidr4Size, formatCidr4, offsetIpv4, type Cidr4, type EniId, type SecurityGroupId } from "@slash28/address";
import { INSTANCE_TAG, NO_MANAGE_TAG } from "@slash28/ipam";
import type { Random } from "@slash28/simulation";
import type { Eni } from "@slash28/vpc";
import type { World } from "./world.ts";

/** What people and neighbours do at EC2 behind the agent's back. Calls that EC2 refuses change nothing. */
export function detachEni(world: World, random: Random): EniId | undefined {
  const { cloud } = world.side;
  const eni = attachedOf(world, random);
  if (eni?.attachment === undefined) return undefined;
  world.note(`${eni.id} is detached by hand`);
  cloud.detachEni({ attachmentId: eni.attachment.id }, { now: world.timeline.now });
  world.detachedByHand.add(eni.id);
  return eni.id;
}

export function deleteEni(world: World, random: Random): void {
  const { timeline, side } = world;
  const eniId = detachEni(world, random);
  if (eniId === undefined) return;
  timeline.schedule(random.between(1_000, 12_000), {
    label: `${eniId} deleted by hand`,
    fire: () => void side.cloud.deleteEni({ eniId }, { now: timeline.now }),
  });
}

export function takeAddress(world: World, random: Random): void {
  const { cloud } = world.side;
  const held = world.side
    .ownEnis()
    .flatMap((eni) => [
      ...eni.secondaryAddresses.map((address) => ({ eniId: eni.id, addresses: [address], cidr: cidr4Of(address, 32) })),
      ...eni.prefixes.map((prefix) => ({ eniId: eni.id, prefixes: [prefix], cidr: prefix })),
    ]);
  if (held.length === 0) return;
  const { cidr, ...input } = random.pick(held);
  world.note(`${formatCidr4(cidr)} is taken off ${input.eniId} by hand`);
  cloud.unassignAddresses(input, { now: world.timeline.now });
  take(world, cidr);
}

export function addEni(world: World, random: Random): void {
  const { cloud, instanceId, subnets } = world.side;
  const call = { now: world.timeline.now };
  const tags = random.pick([{}, { [NO_MANAGE_TAG]: "true" }, { [INSTANCE_TAG]: instanceId }]);
  const carry = random.chance(0.5) ? { carry: { addressCount: 1 } } : {};
  const made = cloud.createEni({ subnetId: random.pick(subnets), description: "made by hand", tags, ...carry }, call);
  if (!made.ok) return;
  const used = new Set(cloud.view.attachedEnis(instanceId).map((eni) => eni.attachment?.deviceIndex));
  const deviceIndex = Array.from({ length: used.size + 1 }, (_, index) => index).find((index) => !used.has(index)) ?? used.size;
  const attached = cloud.attachEni({ eniId: made.value.id, instanceId, deviceIndex }, call);
  if (!attached.ok) cloud.deleteEni({ eniId: made.value.id }, call);
  else world.note(`${made.value.id} is attached by hand with ${JSON.stringify(tags)}`);
}

/** Another security group: the VPC's default one and a second take turns. */
export function changeGroups(world: World): void {
  const { cloud, vpcId, primaryEni } = world.side;
  const call = { now: world.timeline.now };
  const has = cloud.view.eni(primaryEni)?.groups ?? [];
  const listed = cloud.describeSecurityGroups({}, call);
  const known = listed.ok ? listed.value.filter((group) => group.vpcId === vpcId).map((group) => group.id) : [];
  const other = known.find((id) => !has.includes(id)) ?? madeGroup(world);
  if (other === undefined) return;
  world.wire.cameLate.delete("setGroups");
  cloud.modifyEni({ eniId: primaryEni, change: { attribute: "groups", value: [other] } }, call);
  world.note(`the primary ENI has ${other}`);
}

function madeGroup({ side, timeline }: World): SecurityGroupId | undefined {
  const made = side.cloud.createSecurityGroup({ vpcId: side.vpcId, name: "pods", description: "pods" }, { now: timeline.now });
  return made.ok ? made.value.id : undefined;
}

const MORE_RANGES = ["100.64.0.0/16", "10.1.0.0/16"].map(cidr4);

export function growVpc(world: World): void {
  const { cloud, vpcId } = world.side;
  const has = cloud.view.vpc(vpcId)?.cidrs.length ?? 0;
  const cidr = MORE_RANGES[has - 1];
  if (cidr === undefined) return;
  cloud.associateVpcCidr({ vpcId, cidr }, { now: world.timeline.now });
  world.note(`the VPC gets ${formatCidr4(cidr)}`);
}

/** Takes note of what is on the ENIs that people detached, as long as they are there. */
export function noteTaken(world: World): void {
  for (const id of world.detachedByHand) {
    const eni = world.side.cloud.view.eni(id);
    if (eni === undefined) world.detachedByHand.delete(id);
    for (const address of eni?.secondaryAddresses ?? []) world.takenByHand.add(address);
    for (const prefix of eni?.prefixes ?? []) take(world, prefix);
  }
}

function take(world: World, cidr: Cidr4): void {
  for (let i = 0; i < cidr4Size(cidr); i++) world.takenByHand.add(offsetIpv4(cidr.base, i));
}

function attachedOf({ side }: World, random: Random): Eni | undefined {
  const secondary = side.ownEnis().filter((eni) => eni.id !== side.primaryEni && eni.attachment?.status === "attached");
  return secondary.length === 0 ? undefined : random.pick(secondary);
}
