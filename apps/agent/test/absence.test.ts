import type { Ec2Eni } from "@slash28/ports";
import { expect, test } from "vitest";
import { aWorld, heldInEc2, type World } from "./a-world.ts";

/** The metadata service shows no free address any more, and so do the next answers of EC2, this many. */
function forget(world: World, answers: number): { asked: number } {
  const { enis } = world.metadata;
  world.metadata.enis = async () => (await enis()).map((eni) => ({ ...eni, addresses: [eni.primaryAddress] }));
  const { describeAttachedEnis } = world.ec2;
  const seen = { asked: 0 };
  world.ec2.describeAttachedEnis = async (instance) => {
    const listed = await describeAttachedEnis(instance);
    return seen.asked++ < answers ? listed.map((eni): Ec2Eni => ({ ...eni, addresses: [] })) : listed;
  };
  return seen;
}

const held = (world: World): number => world.agent.node.ledger.counts(world.clock.now()).held;

test("addresses that the metadata service and one answer of EC2 lack are given to nobody, and kept when the next answer has them", async () => {
  const world = await aWorld({ env: { WARM_IP_TARGET: "3" } });
  await world.clock.advance(15_000);
  const seen = forget(world, 1);
  while (seen.asked === 0) await world.clock.advance(500);
  expect(held(world)).toBe(0);
  await world.clock.advance(1_500);
  expect(seen.asked).toBe(2);
  expect(held(world)).toBe(3);
  expect(heldInEc2(world).addresses).toBe(3);
});

test("addresses that two answers of EC2 lack are dropped, and replaced", async () => {
  const world = await aWorld({ env: { WARM_IP_TARGET: "3" } });
  await world.clock.advance(15_000);
  const seen = forget(world, 2);
  const before = world.agent.node.ledger.enis()[0]!.blocks.size;
  while (seen.asked < 2) await world.clock.advance(500);
  expect(before).toBe(3);
  await world.clock.advance(1_000);
  expect(world.ec2.calls.filter((api) => api === "assignAddresses").length).toBeGreaterThan(1);
});
