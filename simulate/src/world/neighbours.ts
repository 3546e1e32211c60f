import { cidr4Size, offsetIpv4, type EniId, type SubnetId } from "@slash28/address";
import type { Random } from "@slash28/simulation";
import type { World } from "./world.ts";

const NEIGHBOUR_CARRIES = 40;

/** A neighbour takes all free addresses but a few, and gives them back after a while. */
export function fillSubnet(world: World, random: Random): void {
  const { timeline, side } = world;
  const { cloud } = side;
  const subnetId: SubnetId = random.pick(side.subnets);
  const leaves = random.pick([0, 0, 1, 2, 5, 17]);
  const taken: EniId[] = [];
  for (;;) {
    const free = (cloud.view.subnet(subnetId)?.freeAddresses ?? 0) - leaves;
    if (free < 1) break;
    const addressCount = Math.min(free - 1, NEIGHBOUR_CARRIES);
    const wish = { subnetId, description: "a neighbour", ...(addressCount > 0 ? { carry: { addressCount } } : {}) };
    const made = cloud.createEni(wish, { now: timeline.now });
    if (!made.ok) break;
    taken.push(made.value.id);
  }
  world.note(`a neighbour fills ${subnetId} with ${taken.length} ENIs`);
  giveBackLater(world, taken, random);
}

const PREFIX_SIZE = 16;

/** Somewhere in each free /28 a neighbour takes one address: single addresses are left, and no prefix. */
export function fragmentSubnet(world: World, random: Random): void {
  const { cloud } = world.side;
  const subnetId = random.pick(world.side.subnets);
  const range = cloud.view.subnet(subnetId)?.cidr;
  if (range === undefined) return;
  const taken: EniId[] = [];
  for (let at = 0; at < cidr4Size(range); at += PREFIX_SIZE) {
    const primaryAddress = offsetIpv4(range.base, at + random.int(PREFIX_SIZE));
    const made = cloud.createEni({ subnetId, description: "a neighbour", primaryAddress }, { now: world.timeline.now });
    if (made.ok) taken.push(made.value.id);
  }
  world.note(`neighbours take an address in ${taken.length} places of ${subnetId}`);
  giveBackLater(world, taken, random);
}

function giveBackLater({ timeline, side }: World, taken: readonly EniId[], random: Random): void {
  for (const eniId of taken)
    timeline.schedule(random.between(1_000, 400_000), {
      label: `the neighbour gives ${eniId} back`,
      fire: () => void side.cloud.deleteEni({ eniId }, { now: timeline.now }),
    });
}
