import { holdPodsOff, NO_ADDRESS_TAINT, whatIsMissing } from "@slash28/agent";
import { RESOURCES } from "@slash28/kube";
import { createVirtualClock } from "@slash28/simulation";
import { createMemoryKube, quietLog } from "@slash28/testkit";
import { describe, expect, test } from "vitest";
import { massStart, type MassStart } from "../src/fleet/mass-start.ts";
import { playAgent, playUpstream, type PlayOptions } from "../src/play/play.ts";
import type { World } from "../src/world/world.ts";

describe("five hundred nodes that start at once under custom networking, against EC2's published buckets", () => {
  const NODES = 500;
  const env = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" };
  const lastMs = ({ readyMs }: MassStart): number => readyMs.at(-1) ?? Number.POSITIVE_INFINITY;

  test("all get their first ENI, with fewer calls and sooner than by SDK retries and a loop of 5 s", async () => {
    const agent = await massStart({ nodes: NODES, env, who: "slash28" });
    const upstream = await massStart({ nodes: NODES, env, who: "upstream" });
    expect(agent.starved).toBe(0);
    expect(agent.readyMs).toHaveLength(NODES);
    expect(agent.calls).toBeLessThan(upstream.calls);
    expect(agent.throttled).toBeLessThan(upstream.throttled);
    expect(lastMs(agent)).toBeLessThan(lastMs(upstream));
    // EC2 attaches 50 at once and 5 a second: nobody can be ready before.
    expect(lastMs(agent)).toBeGreaterThan(((NODES - 50) / 5) * 1_000);
  }, 300_000);
});

describe("a node whose subnet is full when it starts", () => {
  const fill = ({ side, timeline }: World): void => {
    const [subnetId] = side.subnets;
    if (subnetId === undefined) return;
    while (side.cloud.createEni({ subnetId }, { now: timeline.now }).ok);
  };
  const options: PlayOptions = { env: {}, subnetLength: 27, before: fill };

  test("is ready for pods upstream without having an address for one", async () => {
    const play = await playUpstream(options);
    expect(play.network.host.serving?.isReady).toBe(true);
    expect(play.network.held).toBe(0);
    play.want("pod");
    await play.pass(60_000);
    expect(play.waiting).toEqual(["pod"]);
  });

  test("is tainted by the agent until the first address is there", async () => {
    const play = await playAgent(options);
    const { timeline, side } = play.world;
    const clock = createVirtualClock(timeline, 0, () => false);
    const kube = createMemoryKube({ clock });
    await kube.create(RESOURCES.nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "node" }, spec: {} } as never);
    const taints = async (): Promise<readonly unknown[]> => {
      const node = await kube.get(RESOURCES.nodes, "node");
      return (node as { readonly spec?: { readonly taints?: readonly unknown[] } } | undefined)?.spec?.taints ?? [];
    };
    const isMissing = (): string | undefined => {
      const node = play.network.host.serving?.node;
      return node === undefined ? "first-address" : whatIsMissing(node, clock.now());
    };
    await holdPodsOff({ kube, nodeName: "node", clock, log: quietLog, whatIsMissing: isMissing });
    expect(await taints()).toEqual([{ key: NO_ADDRESS_TAINT, value: "SUBNET_FULL", effect: "NoSchedule" }]);
    await play.pass(60_000);
    expect(await taints()).toHaveLength(1);
    for (const eni of side.cloud.view.enis())
      if (eni.attachment === undefined) side.cloud.deleteEni({ eniId: eni.id }, { now: timeline.now });
    await play.until("the first address", () => play.network.held > 0);
    await play.pass(10_000);
    expect(await taints()).toEqual([]);
  });
});
