import { describe, expect, test } from "vitest";
import { playAgent, playUpstream, type Play, type PlayOptions } from "../src/play/play.ts";

const pods = (count: number, prefix = "pod"): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describe("a burst of short-lived pods", () => {
  const options: PlayOptions = { env: { WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "4" } };

  /** Ten pods run and end at once; ten more come at the same moment. */
  async function burst<P extends Play>(play: P): Promise<P> {
    play.want(...pods(10, "short"));
    await play.until("the first ten run", () => play.running.length === 10);
    await play.pass(10_000);
    play.end(...pods(10, "short"));
    await play.pass(100);
    play.want(...pods(10, "next"));
    await play.pass(20_000);
    return play;
  }

  test("starves upstream: addresses at rest pass for available, so its pool is not even low", async () => {
    const play = await burst(await playUpstream(options));
    const counts = play.network.host.serving?.memory.store.counts(play.world.timeline.now);
    expect(counts?.available).toBe(counts?.cooling);
    expect(counts?.available).toBeGreaterThanOrEqual(2);
    expect(play.waiting).toHaveLength(8);
    await play.until("the rests are over and all pods run", () => play.waiting.length === 0);
    expect(Math.max(...play.waitedMs)).toBeGreaterThan(25_000);
  });

  test("makes the agent's pool grow", async () => {
    const play = await burst(await playAgent(options));
    expect(play.waiting).toHaveLength(0);
    expect(Math.max(...play.waitedMs)).toBeLessThan(5_000);
  });
});

describe("WARM_IP_TARGET=0 with MINIMUM_IP_TARGET=10", () => {
  const options: PlayOptions = { env: { MINIMUM_IP_TARGET: "10" } };

  test("never grows past the minimum upstream: seven of seventeen pods wait for ever", async () => {
    const play = await playUpstream(options);
    play.want(...pods(17));
    await play.pass(30 * 60_000);
    expect(play.waiting).toHaveLength(7);
    expect(play.atEc2).toBe(10);
  });

  test("grows with the pods that wait", async () => {
    const play = await playAgent(options);
    play.want(...pods(17));
    await play.pass(10_000);
    expect(play.waiting).toHaveLength(0);
    expect(play.atEc2).toBe(17);
  });
});

describe("more than max pods can use", () => {
  const options: PlayOptions = { env: {}, maxPods: 10 };

  test("is held upstream: a second ENI for the sake of WARM_ENI_TARGET, though one pod more than the first serves can come", async () => {
    const play = await playUpstream(options);
    play.want("pod");
    await play.pass(60_000);
    expect(play.atEc2).toBe(18);
  });

  test("is never held by the agent, not even on the way", async () => {
    const play = await playAgent(options);
    let most = 0;
    play.world.side.cloud.subscribe(() => (most = Math.max(most, play.atEc2)));
    play.want("pod");
    await play.pass(60_000);
    expect(most).toBeLessThanOrEqual(10);
    play.want(...pods(9));
    await play.pass(60_000);
    expect(play.waiting).toHaveLength(0);
    expect(most).toBe(10);
  });

  test("with prefixes, is 48 addresses for 12 pods upstream, and one prefix with the agent", async () => {
    const env = { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "3" };
    const upstream = await playUpstream({ env, maxPods: 12 });
    const agent = await playAgent({ env, maxPods: 12 });
    await Promise.all([upstream.pass(300_000), agent.pass(300_000)]);
    expect(upstream.atEc2).toBe(48);
    expect(agent.atEc2).toBe(16);
  });
});
