import type { EniId, Ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { playAgent, playUpstream, type Play, type PlayOptions } from "../src/play/play.ts";

const pods = (count: number, prefix = "pod"): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

function secondEni({ world }: Play): EniId {
  const found = world.side.ownEnis().find(({ id }) => id !== world.side.primaryEni);
  if (found === undefined) throw new Error("there is no second ENI");
  return found.id;
}

/** Addresses that two running pods share. */
function shared(play: Play): number {
  const addresses = play.running.map((name) => play.addressOf(name));
  return addresses.length - new Set(addresses).size;
}

describe("a metadata service that does not show a live ENI for two minutes", () => {
  const options: PlayOptions = { env: { WARM_ENI_TARGET: "1" } };

  /** Twelve pods run on two ENIs; the second one is not shown for a while; then as many pods come as fit. */
  async function forgetful<P extends Play>(play: P): Promise<P> {
    play.want(...pods(12));
    await play.until("twelve pods run", () => play.running.length === 12);
    await play.pass(120_000);
    play.world.metadata.hide(secondEni(play), 125_000);
    await play.pass(200_000);
    play.want(...pods(15, "late"));
    await play.pass(120_000);
    return play;
  }

  test("makes upstream drop the ENI and give its pods' addresses to others", async () => {
    const play = await forgetful(await playUpstream(options));
    expect(shared(play)).toBeGreaterThan(0);
  });

  test("makes the agent ask EC2, and nothing is lost", async () => {
    const play = await forgetful(await playAgent(options));
    expect(shared(play)).toBe(0);
    expect(play.waiting).toHaveLength(0);
    for (const name of pods(12)) {
      expect(play.network.host.serving?.node.ledger.reservations().some((held) => held.owner?.name === name)).toBe(true);
    }
  });
});

describe("an address that EC2 no longer lists", () => {
  test("is taken from the book of a running pod upstream; the agent keeps it with the pod until its DEL", async () => {
    const options: PlayOptions = { env: { WARM_ENI_TARGET: "0" } };
    const rob = async (play: Play): Promise<void> => {
      play.want("pod");
      await play.until("the pod runs", () => play.running.length === 1);
      const address = play.addressOf("pod");
      if (address === undefined) throw new Error("it has no address");
      play.world.side.cloud.unassignAddresses(
        { eniId: play.world.side.primaryEni, addresses: [address] },
        { now: play.world.timeline.now },
      );
      await play.pass(180_000);
    };
    const upstream = await playUpstream(options);
    await rob(upstream);
    expect([...(upstream.network.host.serving?.memory.store.checkpoint() ?? [])]).toEqual([]);
    const agent = await playAgent(options);
    await rob(agent);
    expect(agent.network.host.serving?.node.ledger.reservations().map(({ address }) => address)).toEqual([agent.addressOf("pod")]);
  });
});

describe("a restart", () => {
  const single: PlayOptions = { env: { MINIMUM_IP_TARGET: "1", WARM_IP_TARGET: "0" } };

  /** A pod ends, the daemon is killed, and the next pod comes. */
  async function replaceAcrossRestart(play: Play): Promise<{ readonly before: number; readonly after: number; readonly restedMs: number }> {
    play.want("before");
    await play.until("the pod runs", () => play.running.length === 1);
    const before = play.addressOf("before");
    play.end("before");
    const endedAt = play.world.timeline.now;
    await play.pass(500);
    await play.restart(500);
    play.want("after");
    await play.until("the next pod runs", () => play.running.length === 1);
    return { before: before ?? 0, after: play.addressOf("after") ?? 0, restedMs: play.world.timeline.now - endedAt };
  }

  test("makes upstream forget that an address rests, and it is given out at once", async () => {
    const { before, after, restedMs } = await replaceAcrossRestart(await playUpstream(single));
    expect(after).toBe(before);
    expect(restedMs).toBeLessThan(30_000);
  });

  test("lets the rest of an address go on with the agent", async () => {
    const { before, after, restedMs } = await replaceAcrossRestart(await playAgent(single));
    expect(after !== before || restedMs >= 30_000).toBe(true);
    expect(restedMs).toBeLessThan(10_000);
  });

  /** Warm addresses go back to EC2 and to a neighbour, the metadata service still shows them, and the daemon is killed. */
  async function handBackThenRestart<P extends Play>(play: P): Promise<P> {
    play.want(...pods(3));
    await play.until("the pods run", () => play.running.length === 3);
    await play.pass(60_000);
    play.end(...pods(3));
    const held = play.atEc2;
    play.world.windows.open("metadata-stale", 100_000);
    await play.until("addresses went back", () => play.atEc2 < held, 90_000);
    const { cloud, subnets } = play.world.side;
    const neighbour = cloud.createEni({ subnetId: subnets[0]!, carry: { addressCount: held } }, { now: play.world.timeline.now });
    expect(neighbour.ok).toBe(true);
    await play.restart(1_000);
    await play.until("it serves", () => play.network.isServing);
    play.want(...pods(6, "late"));
    await play.pass(20_000);
    return play;
  }

  /** Running pods whose address is on no ENI of the node. */
  function onDeadAddresses(play: Play): readonly string[] {
    const alive = new Set(play.world.side.ownEnis().flatMap((eni) => eni.secondaryAddresses));
    const isAlive = (address: Ipv4 | undefined): boolean => address !== undefined && alive.has(address);
    return play.running.filter((name) => !isAlive(play.addressOf(name)));
  }

  const shrinking: PlayOptions = { env: { WARM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "5" } };

  test("makes upstream trust a stale metadata service and give dead addresses to pods", async () => {
    const play = await handBackThenRestart(await playUpstream(shrinking));
    expect(onDeadAddresses(play).length).toBeGreaterThan(0);
  });

  test("does not: the agent asks EC2 what it has", async () => {
    const play = await handBackThenRestart(await playAgent(shrinking));
    expect(onDeadAddresses(play)).toEqual([]);
    expect(play.waiting).toHaveLength(0);
  });
});
