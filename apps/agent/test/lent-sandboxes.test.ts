import { formatIpv4, localMac, type Ipv4 } from "@slash28/address";
import { expect, test } from "vitest";
import { addressOf, aWorld, errorOf, type World } from "./a-world.ts";

const keyOf = (pod: string) => ({ networkName: "aws-cni", containerId: `${pod}-1`, ifName: "eth0" });
const netnsOf = (pod: string): string => `/run/netns/${pod}-1`;

/** An address for a pod whose plugin makes the links itself. */
async function lend(world: World, pod: string): Promise<Ipv4> {
  world.kernel.addNamespace(netnsOf(pod));
  const owner = { namespace: "default", name: pod };
  return (await world.agent.sandboxes.lend({ key: keyOf(pod), owner, netns: netnsOf(pod) })).address;
}

/** What the VPC CNI's plugin does: the same links as ours, with a MAC address of its own. */
function wireAsPlugin(world: World, pod: string): void {
  const held = world.agent.node.ledger.reservationOf(keyOf(pod))!;
  const wiring = { ...world.agent.sandboxes.wiringOf(held), hostMac: localMac(Uint8Array.of(9, 9, 9, 9, 9, 9)) };
  world.kernel.wirePod(wiring, netnsOf(pod));
}

const assigned = (world: World): number => world.agent.node.ledger.counts(world.clock.now()).assigned;

test("a lent address is in the journal when it is told, and nothing is wired for it", async () => {
  const world = await aWorld();
  const address = await lend(world, "a");
  expect(await lend(world, "a")).toBe(address);
  expect(world.journal.lines.filter((line) => line.includes(formatIpv4(address)))).toEqual([expect.stringContaining('"wiredBy":"plugin"')]);
  expect(world.kernel.render(netnsOf("a"))).toBe("");
  world.journal.state = "broken";
  await expect(lend(world, "b")).rejects.toThrow(/journal/);
  expect(assigned(world)).toBe(1);
});

test("a start keeps a lent address whose pod was wired, and one whose plugin is still at it, and touches neither", async () => {
  const world = await aWorld();
  const addresses = [await lend(world, "wired"), await lend(world, "awaited"), await lend(world, "gone")];
  wireAsPlugin(world, "wired");
  const before = world.kernel.render(netnsOf("wired"));
  world.kill();
  world.kernel.removeNamespace(netnsOf("gone"));
  await world.start();
  const { ledger } = world.agent.node;
  expect(["wired", "awaited", "gone"].map((pod) => ledger.reservationOf(keyOf(pod))?.address)).toEqual([
    addresses[0],
    addresses[1],
    undefined,
  ]);
  expect(world.kernel.render(netnsOf("wired"))).toBe(before);
  expect(world.kernel.render(netnsOf("awaited"))).toBe("");
});

test("a pod wired by its plugin is checked, added again and deleted over the agent's own interface", async () => {
  const world = await aWorld();
  const address = formatIpv4(await lend(world, "a"));
  expect(errorOf(await world.cni("CHECK", "a")).msg).toContain("the host lacks");
  wireAsPlugin(world, "a");
  const before = world.kernel.render();
  expect((await world.cni("CHECK", "a")).exitCode).toBe(0);
  expect(addressOf(await world.add("a"))).toBe(`${address}/32`);
  expect(world.kernel.render()).toBe(before);
  expect((await world.del("a")).exitCode).toBe(0);
  expect(world.kernel.render()).not.toContain(address);
  expect(assigned(world)).toBe(0);
});

test("a pod wired here keeps its address when a plugin asks for it", async () => {
  const world = await aWorld();
  const [address] = addressOf(await world.add("a")).split("/");
  expect(formatIpv4(await lend(world, "a"))).toBe(address);
  expect((await world.cni("CHECK", "a")).exitCode).toBe(0);
});

test("a new sandbox of a pod gets rid of what the earlier one left", async () => {
  const world = await aWorld({ env: { IP_COOLDOWN_PERIOD: "0" } });
  const [address = ""] = addressOf(await world.add("a", { container: "earlier" })).split("/");
  await lend(world, "a");
  expect(world.kernel.render().match(new RegExp(`${address.replaceAll(".", "\\.")}/32`, "g"))).toBeNull();
  expect(assigned(world)).toBe(1);
});

test("a lent address is free again when its sandbox is gone and nobody deletes it", async () => {
  const world = await aWorld();
  await lend(world, "wired");
  await lend(world, "slow");
  await lend(world, "gone");
  wireAsPlugin(world, "wired");
  world.kernel.removeNamespace(netnsOf("gone"));
  await world.clock.advance(50_000);
  expect(assigned(world)).toBe(3);
  await world.clock.advance(60_000);
  expect(assigned(world)).toBe(2);
  expect(world.agent.node.ledger.reservationOf(keyOf("gone"))).toBeUndefined();
});
