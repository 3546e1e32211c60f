import type { Ec2 } from "@slash28/ports";
import { describe, expect, test } from "vitest";
import { playAgent, playUpstream, type Play, type PlayOptions } from "../src/play/play.ts";

const pods = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `pod-${index}`);
const MINUTE_MS = 60_000;

/** Kills the daemon the moment EC2 has done something, before it hears of that; starts it again two seconds later. */
function killAfter(play: Play, api: keyof Ec2): { readonly struck: () => boolean } {
  const { ec2, timeline } = play.world;
  const { before } = ec2;
  let isStruck = false;
  ec2.before = (called) => {
    if (called === api && !isStruck) {
      isStruck = true;
      timeline.schedule(1, { label: "killed", fire: () => play.network.crash() });
      timeline.schedule(2_000, { label: "started", fire: () => void play.network.start() });
    }
    return before(called);
  };
  return { struck: () => isStruck };
}

/** ENIs that are on no instance: each keeps its addresses from everybody. */
function strays({ world }: Play): number {
  return world.side.cloud.view.enis().filter((eni) => eni.attachment === undefined).length;
}

/** The first pod makes the pool ask for a second ENI. */
const growing: PlayOptions = { env: { WARM_ENI_TARGET: "1" } };

async function growAndDie<P extends Play>(play: P, api: keyof Ec2): Promise<P> {
  const { struck } = killAfter(play, api);
  play.want("pod");
  await play.until(`${api} was called`, struck);
  await play.pass(5_000);
  return play;
}

describe("a crash between creating an ENI and attaching it", () => {
  test("leaves the ENI behind upstream until somebody's hourly sweep", async () => {
    const play = await growAndDie(await playUpstream(growing), "createEni");
    await play.pass(50 * MINUTE_MS);
    expect(strays(play)).toBe(1);
  });

  test("leaves nothing with the agent: the intent was on its disk", async () => {
    const play = await growAndDie(await playAgent(growing), "createEni");
    await play.pass(MINUTE_MS);
    expect(strays(play)).toBe(0);
    expect(play.world.side.ownEnis()).toHaveLength(2);
  });
});

describe("a minute in which many of EC2's answers are lost", () => {
  async function growWithoutAnswer<P extends Play>(play: P): Promise<P> {
    play.want("pod");
    play.world.windows.open("reply-lost", MINUTE_MS);
    await play.pass(3 * MINUTE_MS);
    return play;
  }

  test("leaves ENIs behind upstream, whose requests carry no token", async () => {
    const play = await growWithoutAnswer(await playUpstream(growing));
    expect(strays(play)).toBeGreaterThan(0);
  });

  test("leaves nothing with the agent, which asks again with the token of its journal", async () => {
    const play = await growWithoutAnswer(await playAgent(growing));
    expect(strays(play)).toBe(0);
    expect(play.world.side.ownEnis()).toHaveLength(2);
  });
});

describe("a crash between attaching an ENI and marking it to go with the instance", () => {
  function endInstance({ world }: Play): void {
    const { cloud, instanceId } = world.side;
    const call = { now: world.timeline.now };
    expect(cloud.terminateInstances({ instanceIds: [instanceId] }, call).ok).toBe(true);
    cloud.settleInstance({ instanceId }, call);
  }

  test("makes the ENI outlive the instance upstream", async () => {
    const play = await growAndDie(await playUpstream(growing), "attachEni");
    await play.pass(10 * MINUTE_MS);
    endInstance(play);
    expect(strays(play)).toBe(1);
  });

  test("is mended by the agent's next start", async () => {
    const play = await growAndDie(await playAgent(growing), "attachEni");
    await play.pass(MINUTE_MS);
    expect(play.world.side.ownEnis()).toHaveLength(2);
    endInstance(play);
    expect(play.world.side.cloud.view.enis()).toEqual([]);
  });
});

describe("a crash between detaching an ENI and deleting it", () => {
  async function shrinkAndDie<P extends Play>(play: P): Promise<P> {
    play.want(...pods(9));
    await play.until("all run", () => play.waiting.length === 0);
    await play.pass(3 * MINUTE_MS);
    const { struck } = killAfter(play, "detachEni");
    play.end(...pods(9));
    await play.until("an ENI is detached", struck);
    await play.pass(5_000);
    return play;
  }
  const shrinking: PlayOptions = { env: { WARM_IP_TARGET: "1", MINIMUM_IP_TARGET: "1" }, instanceType: "t3.small", maxPods: 11 };

  test("leaves the ENI behind upstream until somebody's hourly sweep", async () => {
    const play = await shrinkAndDie(await playUpstream(shrinking));
    await play.pass(50 * MINUTE_MS);
    expect(strays(play)).toBe(1);
  });

  test("leaves nothing with the agent", async () => {
    const play = await shrinkAndDie(await playAgent(shrinking));
    await play.pass(MINUTE_MS);
    expect(strays(play)).toBe(0);
  });
});
