import { offsetIpv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { playAgent, playUpstream, type Play, type PlayOptions } from "../src/play/play.ts";
import type { World } from "../src/world/world.ts";

const pods = (count: number, prefix = "pod"): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const MINUTE_MS = 60_000;

/** Neighbours take one address of every /28 of a subnet: many addresses are free, no block is. */
function breakUp(subnetIndex: number): (world: World) => void {
  return ({ side, timeline }) => {
    const subnetId = side.subnets.at(subnetIndex);
    const subnet = subnetId === undefined ? undefined : side.cloud.view.subnet(subnetId);
    if (subnet === undefined) throw new Error("there is no such subnet");
    for (let base = 0; base < 2 ** (32 - subnet.cidr.length); base += 16) {
      side.cloud.createEni({ subnetId: subnet.id, primaryAddress: offsetIpv4(subnet.cidr.base, base + 9) }, { now: timeline.now });
    }
  };
}

/** The neighbours go. */
function mend({ world }: Play): void {
  const { cloud } = world.side;
  for (const eni of cloud.view.enis()) if (eni.attachment === undefined) cloud.deleteEni({ eniId: eni.id }, { now: world.timeline.now });
}

describe("a subnet with free addresses and no free /28", () => {
  const env = { ENABLE_PREFIX_DELEGATION: "true", WARM_IP_TARGET: "2", ENABLE_SUBNET_DISCOVERY: "false" };
  const options: PlayOptions = { env, before: breakUp(0) };

  test("gives pods nothing upstream, which stands still for 120 s after InsufficientCidrBlocks", async () => {
    const play = await playUpstream(options);
    play.want(...pods(5));
    const asked = play.callsOf("assignPrefixes");
    expect(asked).toBe(2);
    await play.pass(MINUTE_MS - 5_000);
    expect(play.callsOf("assignPrefixes")).toBe(asked);
    await play.pass(10 * MINUTE_MS);
    expect(play.waiting).toHaveLength(5);
    const before = play.callsOf("assignPrefixes");
    await play.until("EC2 is asked again", () => play.callsOf("assignPrefixes") >= before + 2);
    mend(play);
    await play.pass(110_000);
    expect(play.waiting).toHaveLength(5);
  });

  test("is answered by the agent with single addresses on the same ENI, and with prefixes once there are some", async () => {
    const play = await playAgent(options);
    play.want(...pods(5));
    await play.pass(10_000);
    expect(play.waiting).toHaveLength(0);
    const [eni, ...more] = play.world.side.ownEnis();
    expect(more).toEqual([]);
    expect(eni?.prefixes).toEqual([]);
    mend(play);
    await play.pass(5 * MINUTE_MS);
    play.end(...pods(5));
    play.want(...pods(5, "later"));
    await play.pass(5 * MINUTE_MS);
    const [mended] = play.world.side.ownEnis();
    expect(mended?.prefixes.length).toBeGreaterThan(0);
    expect(mended?.secondaryAddresses).toEqual([]);
  });
});

describe("the same, told by CreateNetworkInterface as InvalidParameterValue", () => {
  const env = { ENABLE_PREFIX_DELEGATION: "true", WARM_IP_TARGET: "1", AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true" };
  const options: PlayOptions = { env, instanceType: "t3.small", maxPods: 110, secondSubnetLength: 24 };

  /** Pods fill an ENI with three prefixes; then the subnet breaks up, and three more pods come: the next prefix needs a new ENI. */
  async function fill<P extends Play>(play: P): Promise<P> {
    play.want(...pods(47));
    await play.until("the first pods run", () => play.waiting.length === 0);
    await play.pass(MINUTE_MS);
    breakUp(1)(play.world);
    play.want(...pods(3, "late"));
    await play.pass(20_000);
    return play;
  }

  test("is not recognised upstream: it is asked again every 5 s, and pods get none of the free addresses", async () => {
    const play = await fill(await playUpstream(options));
    expect(play.waiting).toHaveLength(2);
    const asked = play.callsOf("createEni");
    await play.pass(5 * MINUTE_MS);
    expect(play.callsOf("createEni") - asked).toBeGreaterThanOrEqual(55);
    expect(play.waiting).toHaveLength(2);
  });

  test("means the same to the agent as InsufficientCidrBlocks", async () => {
    const play = await fill(await playAgent(options));
    expect(play.waiting).toHaveLength(0);
    const asked = play.callsOf("createEni");
    await play.pass(5 * MINUTE_MS);
    expect(play.callsOf("createEni") - asked).toBeLessThanOrEqual(6);
  });
});

describe("pods that are replaced one by one, after most of them left", () => {
  const options: PlayOptions = { env: { ENABLE_PREFIX_DELEGATION: "true", WARM_IP_TARGET: "4", MINIMUM_IP_TARGET: "16" }, maxPods: 110 };

  /** Forty pods run; twelve stay, here and there, and each is replaced twice. */
  async function thinOut<P extends Play>(play: P): Promise<P> {
    play.want(...pods(40));
    await play.until("all run", () => play.waiting.length === 0);
    await play.pass(MINUTE_MS);
    const stay = pods(40)
      .filter((_, index) => index % 3 === 0)
      .slice(0, 12);
    play.end(...pods(40).filter((name) => !stay.includes(name)));
    let current = [...stay];
    for (let round = 0; round < 2; round++) {
      for (const name of current) {
        await play.pass(MINUTE_MS);
        play.end(name);
        play.want(`${name}+`);
      }
      current = current.map((name) => `${name}+`);
    }
    await play.pass(5 * MINUTE_MS);
    expect(play.running).toHaveLength(12);
    return play;
  }

  test("pin three prefixes upstream, which places them by chance", async () => {
    expect((await thinOut(await playUpstream(options))).atEc2).toBe(48);
  });

  test("are packed by the agent, and two prefixes go back", async () => {
    expect((await thinOut(await playAgent(options))).atEc2).toBe(16);
  });
});
