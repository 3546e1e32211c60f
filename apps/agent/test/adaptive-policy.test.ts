import { expect, test } from "vitest";
import { introspect } from "../src/report/introspection.ts";
import { warmTargetsOf } from "../src/report/warm-targets.ts";
import { aWorld, type World } from "./a-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A node on which four pods come at once every half an hour, and end a minute later. */
async function aBurstyNode(): Promise<World> {
  return await aWorld({ env: { SLASH28_WARM_POLICY: "adaptive" } });
}

let bursts = 0;

async function burst(world: World): Promise<void> {
  const pods = [0, 1, 2, 3].map((pod) => `job-${bursts}-${pod}`);
  bursts++;
  const added = Promise.all(pods.map((pod) => world.add(pod)));
  await world.clock.advance(MINUTE);
  expect((await added).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  for (const pod of pods) await world.del(pod);
}

async function halfHours(world: World, count: number): Promise<void> {
  for (let burstsLeft = count; burstsLeft > 0; burstsLeft--) {
    await burst(world);
    await world.clock.advance(29 * MINUTE);
  }
}

function targets(world: World): { readonly free: number; readonly because: string } {
  return warmTargetsOf(world.agent.node, world.agent.sandboxes, world.clock.now());
}

function explained(world: World): { readonly forecast: { readonly pods: { readonly waited: number }; readonly nextBurst: unknown } } {
  return introspect("/v1/warm-targets", world.agent.node, world.clock.now()).body as ReturnType<typeof explained>;
}

test("a node learns its bursts, holds none free for them in between, is ready for the next, and says why", async () => {
  const world = await aBurstyNode();
  expect(targets(world)).toMatchObject({ free: 9, because: "learning" });
  await halfHours(world, 6);
  expect(targets(world)).toMatchObject({ because: "burst-due" });
  await burst(world);
  await world.clock.advance(14 * MINUTE);
  expect(targets(world)).toMatchObject({ free: 0, because: "enough-for-now" });
  expect(world.agent.node.ledger.counts(world.clock.now())).toMatchObject({ held: 1, assigned: 0 });
  expect(explained(world)).toMatchObject({
    policy: "adaptive",
    freeTarget: 0,
    because: "enough-for-now",
    forecast: {
      state: "known",
      situation: "no burst is due, the last pod came 5 min to 30 min ago, the last burst more than 5 min ago or never",
      enough: { withinAssignment: 0, withinAttachingAnEni: 0 },
      pods: { waited: 0, mayWaitShare: 0.008 },
      nextBurst: { pods: 4, everySeconds: 1_800 },
    },
  });
  await world.clock.advance(14.5 * MINUTE);
  expect(targets(world)).toMatchObject({ free: 4, because: "burst-due" });
  expect(world.agent.node.ledger.counts(world.clock.now()).free).toBe(4);
  await burst(world);
  expect(explained(world).forecast.pods.waited).toBe(0);
});

test("a new agent of the node knows what the last one knew, be it stopped or killed", async () => {
  const world = await aBurstyNode();
  await halfHours(world, 6);
  await burst(world);
  const { forecast } = explained(world);
  await world.agent.stop();
  await world.start();
  expect(targets(world)).toMatchObject({ free: 0, because: "enough-for-now" });
  expect(explained(world).forecast).toMatchObject({ state: "known", nextBurst: forecast.nextBurst });
  await world.clock.advance(6 * MINUTE);
  world.kill();
  await world.start();
  expect(explained(world).forecast).toMatchObject({ state: "known", nextBurst: forecast.nextBurst });
});

test.each([
  ["nothing was kept", (world: World) => void world.demand.rewrite([])],
  ["what was kept is damaged", (world: World) => void (world.demand.damage = "line 1: its checksum does not fit")],
  ["what was kept is of another node", (world: World) => void world.demand.rewrite([world.demand.lines[0]!.replace(/i-[0-9a-f]+/, "i-0")])],
])("%s: the node is learned anew, by the static targets, and pods are served", async (_, spoil) => {
  const world = await aBurstyNode();
  await halfHours(world, 4);
  await world.agent.stop();
  spoil(world);
  await world.start();
  expect(targets(world)).toMatchObject({ free: 9, because: "learning" });
  await burst(world);
});

test("a disk that takes nothing stops no pod", async () => {
  const world = await aBurstyNode();
  world.demand.state = "broken";
  await world.clock.advance(HOUR);
  await burst(world);
  expect(world.demand.lines).toEqual([]);
});

test("without the policy nothing is kept", async () => {
  const world = await aWorld();
  await world.clock.advance(HOUR);
  await world.agent.stop();
  expect(world.demand.lines).toEqual([]);
  expect(explained(world)).toEqual({ policy: "static", freeTarget: 9, heldTarget: 0, because: "static" });
});
