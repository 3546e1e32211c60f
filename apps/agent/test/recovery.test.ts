import { formatIpv4, ipv4 } from "@slash28/address";
import { Fault } from "@slash28/ports";
import { settle } from "@slash28/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressOf, aWorld, errorOf, heldInEc2, must, type World } from "./a-world.ts";

/** Pods come one by one; resolves to their addresses. */
async function come(world: World, pods: readonly string[]): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (const pod of pods) {
    const added = world.add(pod);
    await settle();
    await world.clock.advance(3_000);
    addresses.push(addressOf(await added));
  }
  return addresses;
}

async function comeAndGo(world: World, pods: readonly string[]): Promise<void> {
  await come(world, pods);
  for (const pod of pods) await world.del(pod);
}

describe("after a kill", () => {
  test("running pods keep their addresses and their wiring is not touched", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const addresses = new Map<string, string>();
    for (let i = 0; i < 8; i++) addresses.set(`pod-${i}`, addressOf(await world.add(`pod-${i}`)));
    const before = world.kernel.render();
    world.kill();
    await world.start();
    expect(world.kernel.render()).toBe(before);
    for (const [pod, address] of addresses) expect(addressOf(await world.add(pod))).toBe(address);
    expect(world.agent.node.ledger.counts(world.clock.now()).assigned).toBe(8);
  });

  test("missing rules and routes of a living pod are put back", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const address = addressOf(await world.add("web"));
    const before = world.kernel.render();
    world.kill();
    const held = world.agent.sandboxes.wiringOf(world.agent.node.ledger.reservations()[0]!);
    const other = { ...held, hostLink: "other" };
    world.kernel.unwirePod(other, undefined);
    expect(world.kernel.render()).not.toBe(before);
    await world.start();
    expect(world.kernel.render()).toBe(before);
    expect(addressOf(await world.add("web"))).toBe(address);
  });

  test("a pod that ended meanwhile is dropped, and its address rests", async () => {
    const world = await aWorld();
    addressOf(await world.add("a"));
    addressOf(await world.add("b"));
    world.kill();
    world.kernel.removeNamespace("/run/netns/a-1");
    await world.start();
    expect(world.agent.node.ledger.reservations().map((held) => held.owner?.name)).toEqual(["b"]);
    expect(world.agent.node.ledger.counts(world.clock.now())).toMatchObject({ assigned: 1, cooling: 1 });
  });

  test("an address that rested goes on resting", async () => {
    const world = await aWorld();
    addressOf(await world.add("a"));
    await world.del("a");
    world.kill();
    await world.start();
    expect(world.agent.node.ledger.counts(world.clock.now()).cooling).toBe(1);
    await world.clock.advance(30_000);
    expect(world.agent.node.ledger.counts(world.clock.now()).cooling).toBe(0);
  });

  test("a link without a record keeps its address out of use until its pod is deleted", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const address = addressOf(await world.add("lost"));
    world.kill();
    (world.journal.lines as string[]).length = 0;
    await world.start();
    expect(world.agent.node.ledger.slotOf(ipv4(address.replace("/32", "")))?.holder).toBeDefined();
    expect(addressOf(await world.add("new"))).not.toBe(address);
    expect((await world.del("lost")).exitCode).toBe(0);
    expect(world.kernel.observedPods("eni")).toHaveLength(1);
    expect(world.agent.node.ledger.slotOf(ipv4(address.replace("/32", "")))?.holder).toBeUndefined();
  });

  test("a pod's new sandbox takes over a link without a record; the old one's late DEL takes nothing from it", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    addressOf(await world.add("web", { container: "old" }));
    world.kill();
    (world.journal.lines as string[]).length = 0;
    await world.start();
    addressOf(await world.add("web", { container: "new" }));
    expect((await world.del("web", { container: "old" })).exitCode).toBe(0);
    expect((await world.cni("CHECK", "web", { container: "new" })).body).toBe("");
    expect(world.agent.node.ledger.reservations().map((held) => held.key.containerId)).toEqual(["new"]);
  });

  test("an address that EC2 took from a running pod and gives again is not given to another", async () => {
    const world = await aWorld({ env: { MINIMUM_IP_TARGET: "1" } });
    const address = addressOf(await world.add("robbed"));
    world.kill();
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    const taken = { eniId: eni!.id, addresses: [ipv4(address.replace("/32", ""))] };
    must(world.cloud.unassignAddresses(taken, { now: world.clock.now() }));
    await world.start();
    const other = world.add("other");
    await settle();
    await world.clock.advance(3_000);
    expect(addressOf(await other)).not.toBe(address);
    // Its own pod has it again, through another restart, until its DEL.
    expect(addressOf(await world.add("robbed"))).toBe(address);
    world.kill();
    await world.start();
    expect(world.agent.node.ledger.slotOf(ipv4(address.replace("/32", "")))?.holder?.owner?.name).toBe("robbed");
    expect((await world.del("robbed")).exitCode).toBe(0);
    expect(world.kernel.observedPods("eni")).toHaveLength(1);
  });

  test("an address that was handed back before it is not believed to the metadata service, which still shows it", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "3", IP_COOLDOWN_PERIOD: "1" } });
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    const old = eni!.secondaryAddresses[0]!;
    world.kill();
    must(world.cloud.unassignAddresses({ eniId: eni!.id, addresses: [old] }, { now: world.clock.now() }));
    must(world.cloud.createEni({ subnetId: world.subnetId, primaryAddress: old }, { now: world.clock.now() }));
    await world.start();
    const { enis } = world.metadata;
    world.metadata.enis = async () => (await enis()).map((each) => ({ ...each, addresses: [...each.addresses, old] }));
    await world.clock.advance(60_000);
    expect(world.agent.node.ledger.slotOf(old)).toBeUndefined();
  });

  test("the record of a pod whose address EC2 took lasts until its DEL, even when the disk refuses it at first", async () => {
    const world = await aWorld({ env: { MINIMUM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "1" } });
    const address = addressOf(await world.add("robbed"));
    world.kill();
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    must(world.cloud.unassignAddresses({ eniId: eni!.id, addresses: [ipv4(address.replace("/32", ""))] }, { now: world.clock.now() }));
    world.ec2.before = (api) => (api === "assignAddresses" ? new Fault("EC2_THROTTLED", { api }) : undefined);
    await world.start();
    world.journal.state = "broken";
    expect(errorOf(await world.del("robbed"))).toMatchObject({ code: 11 });
    world.journal.state = "well";
    expect((await world.del("robbed")).exitCode).toBe(0);
    expect(world.kernel.observedPods("eni")).toEqual([]);
    world.ec2.before = () => undefined;
    await world.clock.advance(30_000);
    expect(addressOf(await world.add("next"))).toBe(address);
    world.kill();
    await world.start();
    expect(world.agent.node.ledger.reservations().map((held) => held.owner?.name)).toEqual(["next"]);
  });

  test("a new sandbox waits until the kernel lets go of the one whose address EC2 took: its late DEL takes nothing along", async () => {
    const world = await aWorld({ env: { MINIMUM_IP_TARGET: "2" } });
    const address = addressOf(await world.add("web", { container: "old" }));
    world.kill();
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    must(world.cloud.unassignAddresses({ eniId: eni!.id, addresses: [ipv4(address.replace("/32", ""))] }, { now: world.clock.now() }));
    world.ec2.before = (api) => (api === "assignAddresses" ? new Fault("EC2_THROTTLED", { api }) : undefined);
    await world.start();
    const { unwirePod } = world.kernel;
    let refusals = 1;
    world.kernel.unwirePod = (wiring, netns) => {
      if (refusals-- > 0) throw new Fault("KERNEL_REFUSED", { errno: "ENOBUFS", doing: "unwiring a pod" });
      unwirePod(wiring, netns);
    };
    expect(errorOf(await world.add("web", { container: "new" }))).toMatchObject({ details: "KERNEL_REFUSED" });
    addressOf(await world.add("web", { container: "new" }));
    expect((await world.del("web", { container: "old" })).exitCode).toBe(0);
    expect((await world.cni("CHECK", "web", { container: "new" })).body).toBe("");
  });

  test("a step at EC2 that was begun is completed before any address is given out", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "6" } });
    await world.clock.advance(60_000);
    expect(heldInEc2(world).addresses).toBe(6);
    world.kill();
    // Asked to hand five back; killed while EC2 was asked.
    world.ec2.before = (api) => (api === "unassign" ? new Promise<never>(() => undefined) : undefined);
    await world.start({ WARM_IP_TARGET: "1" });
    await world.clock.advance(120_000);
    expect(heldInEc2(world).addresses).toBe(6);
    expect(world.journal.lines.some((line) => line.includes("give-back"))).toBe(true);
    world.kill();
    world.ec2.before = () => undefined;
    await world.start({ WARM_IP_TARGET: "1" });
    expect(heldInEc2(world).addresses).toBe(1);
    expect(world.agent.node.ledger.counts(world.clock.now()).held).toBe(1);
  });

  test("an address that was handed back and given again stays with its pod, though the end of the hand-back was never recorded", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "1" } });
    await comeAndGo(world, ["a", "b", "c"]);
    world.journal.beforeAppend = () =>
      (world.journal.state = world.journal.lines.at(-1)?.includes("give-back") === true ? "broken" : "well");
    await world.clock.advance(60_000);
    expect(heldInEc2(world).addresses).toBeLessThan(4);
    expect(world.journal.lines.at(-1)).toContain("give-back");
    world.journal.beforeAppend = () => undefined;
    world.journal.state = "well";
    const addresses = await come(world, ["d", "e", "f"]);
    world.kill();
    const taken: string[] = [];
    const { unassign } = world.ec2;
    Object.assign(world.ec2, {
      unassign: (...[eni, give]: Parameters<typeof unassign>) => {
        taken.push(...give.addresses.map((address) => `${formatIpv4(address)}/32`));
        return unassign(eni, give);
      },
    });
    await world.start();
    expect(taken.filter((address) => addresses.includes(address))).toEqual([]);
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    const owned = new Set(eni!.secondaryAddresses.map((address) => `${formatIpv4(address)}/32`));
    expect(addresses.filter((address) => !owned.has(address))).toEqual([]);
  });

  test("an ENI gets no address while a hand-back of it may come late, though the agent is killed twice", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "1" } });
    await comeAndGo(world, ["a", "b", "c"]);
    let isSent = false;
    world.ec2.before = (api) => {
      if (api !== "unassign" || isSent) return undefined;
      isSent = true;
      return new Promise<never>(() => undefined);
    };
    await world.clock.advance(60_000);
    expect(isSent).toBe(true);
    const step = JSON.parse(world.journal.lines.findLast((line) => line.includes("give-back")) ?? "{}") as { addresses: string[] };
    for (const life of ["second", "third"]) {
      world.kill();
      await world.start();
      const added = world.add(life);
      await settle();
      await world.clock.advance(5_000);
      const answer = await added;
      if (answer.exitCode === 0) expect(step.addresses).not.toContain(addressOf(answer).replace("/32", ""));
    }
    await world.clock.advance(60_000);
    expect(world.journal.lines.findLast((line) => line.includes("step"))).toContain("closed");
  });

  test("a hand-back that could not be recorded is not begun: EC2 is not asked, and the addresses stay in use", async () => {
    const world = await aWorld({ env: { WARM_IP_TARGET: "1", IP_COOLDOWN_PERIOD: "1" } });
    await comeAndGo(world, ["a", "b", "c"]);
    world.journal.state = "broken";
    await world.clock.advance(120_000);
    expect(heldInEc2(world).addresses).toBe(4);
    expect(world.agent.node.ledger.counts(world.clock.now())).toMatchObject({ held: 4, free: 4 });
    world.journal.state = "well";
    await world.clock.advance(60_000);
    expect(heldInEc2(world).addresses).toBe(1);
  });

  test("a later sandbox of a pod that was undone only in part does not hide the earlier one: the next takes the link for good", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    addressOf(await world.add("web", { container: "first" }));
    // Killed after the second sandbox's line was written, and before anything else was.
    world.journal.beforeAppend = (count) => void (count > 1 && (world.journal.state = "dead"));
    const { unwirePod } = world.kernel;
    world.kernel.unwirePod = () => {
      throw new Fault("KERNEL_REFUSED", { errno: "ENOBUFS", doing: "unwiring a pod" });
    };
    void world.add("web", { container: "second" });
    await settle();
    world.kernel.unwirePod = unwirePod;
    world.kill();
    expect(world.journal.lines.filter((line) => line.includes("second"))).toHaveLength(1);
    await world.start();
    addressOf(await world.add("web", { container: "third" }));
    expect((await world.del("web", { container: "first" })).exitCode).toBe(0);
    expect((await world.cni("CHECK", "web", { container: "third" })).body).toBe("");
  });

  test("an ENI that was made and never attached is deleted", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "1" } });
    world.ec2.before = (api) => (api === "attachEni" ? new Promise<never>(() => undefined) : undefined);
    addressOf(await world.add("a"));
    await world.clock.advance(10_000);
    expect(world.cloud.view.enis()).toHaveLength(2);
    world.kill();
    world.ec2.before = () => undefined;
    await world.start({ WARM_ENI_TARGET: "0" });
    expect(world.cloud.view.enis()).toHaveLength(1);
  });

  test("a damaged journal is gone by up to the damage; pods of later lines run on, and nobody gets their addresses", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const [early, late] = [addressOf(await world.add("early")), addressOf(await world.add("late"))];
    world.kill();
    const lines = world.journal.lines as string[];
    const at = lines.findIndex((line) => line.includes("late-1"));
    lines.splice(at, 0, '{"v":1,"kind":"reserve"}');
    const before = world.kernel.render();
    await world.start();
    expect(world.faults.map((fault) => [fault.code, fault.fields["copy"]])).toContainEqual(["JOURNAL_DAMAGED", "memory.damaged"]);
    expect(world.kernel.render()).toBe(before);
    expect(addressOf(await world.add("early"))).toBe(early);
    expect(world.agent.node.ledger.slotOf(ipv4(late.replace("/32", "")))?.holder).toBeDefined();
    expect([early, late]).not.toContain(addressOf(await world.add("next")));
    expect((await world.del("late")).exitCode).toBe(0);
    expect(world.kernel.observedPods("eni")).toHaveLength(2);
    // What was read is written anew: the next start finds nothing wrong.
    world.kill();
    world.faults.length = 0;
    await world.start();
    expect(world.faults).toEqual([]);
  });

  test("an open hand-back takes no address that a pod carries, though the journal lost how the pod came by it", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const address = addressOf(await world.add("web")).replace("/32", "");
    world.kill();
    const [eni] = world.cloud.view.attachedEnis(world.instanceId);
    const lines = world.journal.lines as string[];
    lines.length = 0;
    lines.push(JSON.stringify({ step: "give-back", eni: eni!.id, addresses: [address], prefixes: [] }), "{}");
    await world.start();
    expect(world.cloud.view.attachedEnis(world.instanceId)[0]!.secondaryAddresses.map(formatIpv4)).toContain(address);
  });

  test("an ENI that cannot be used is on its way off for the next process too: no pod gets an address of it", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "0" } });
    const { linkMacs } = world.kernel;
    const known = linkMacs();
    Object.assign(world.kernel, { linkMacs: () => known });
    world.ec2.before = (api) => (api === "detachEni" ? new Promise<never>(() => undefined) : undefined);
    for (let pod = 0; pod < 10; pod++) void world.add(`pod-${pod}`);
    await world.clock.advance(60_000);
    const [, unusable] = world.cloud.view.attachedEnis(world.instanceId);
    expect(unusable).toBeDefined();
    world.kill();
    Object.assign(world.kernel, { linkMacs });
    world.ec2.before = () => undefined;
    await world.start();
    expect(world.cloud.view.enis().map((eni) => eni.id)).not.toContain(unusable!.id);
  });

  test("an unattached ENI of an attach that failed is removed at once", async () => {
    const world = await aWorld({ env: { WARM_ENI_TARGET: "1" } });
    world.ec2.before = (api) => (api === "attachEni" ? new Fault("INSTANCE_ENI_LIMIT", { instance: "i-1" }) : undefined);
    addressOf(await world.add("a"));
    await world.clock.advance(10_000);
    expect(world.cloud.view.enis()).toHaveLength(1);
    expect(world.faults.map((fault) => fault.code)).toContain("INSTANCE_ENI_LIMIT");
  });
});

/** What a runtime does to a node, and what happens to its agent. */
type Deed =
  | { readonly kind: "add"; readonly pod: number }
  | { readonly kind: "del"; readonly pod: number }
  | { readonly kind: "vanish"; readonly pod: number }
  | { readonly kind: "kill"; readonly afterAppends: number; readonly burst: readonly number[] };

const pod = fc.nat({ max: 11 });
const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), pod }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("del" as const), pod }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("vanish" as const), pod }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("kill" as const),
        afterAppends: fc.nat({ max: 6 }),
        burst: fc.array(pod, { maxLength: 6 }),
      }),
    },
  ),
  { maxLength: 30 },
);

/** A pod as the runtime knows it: a sandbox, and the address it was told. */
interface Running {
  readonly container: string;
  readonly address: string;
}

test("wherever it is killed: no address has two pods, and every running pod keeps its own", async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (list) => {
      const world = await aWorld({ env: { WARM_IP_TARGET: "4", IP_COOLDOWN_PERIOD: "1" } });
      const running = new Map<number, Running>();
      let sandboxes = 0;
      for (const deed of list) {
        await doIt(world, deed, running, () => `c${++sandboxes}`);
        await world.clock.advance(2_000);
        expectTrue(world, running);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

async function doIt(world: World, deed: Deed, running: Map<number, Running>, newContainer: () => string): Promise<void> {
  switch (deed.kind) {
    case "add":
      return add(world, deed.pod, running, newContainer());
    case "del":
      return del(world, deed.pod, running);
    case "vanish": {
      const was = running.get(deed.pod);
      running.delete(deed.pod);
      if (was !== undefined) world.kernel.removeNamespace(`/run/netns/${was.container}`);
      return;
    }
    case "kill": {
      // A burst of pods, and the process ends after some of its journal lines.
      let left = deed.afterAppends;
      world.journal.beforeAppend = () => {
        if (left-- <= 0) world.kill();
      };
      const adds = [...new Set(deed.burst)].filter((pod) => !running.has(pod)).map((pod) => ({ pod, container: newContainer() }));
      const answered = new Map<number, Running>();
      for (const { pod, container } of adds) void addAndNote(world, pod, container, answered);
      await settle();
      world.kill();
      for (const [pod, told] of answered) running.set(pod, told);
      await world.start();
      // The runtime got no answer: it deletes the sandbox, and its namespace.
      for (const { pod, container } of adds) {
        if (answered.has(pod)) continue;
        await world.del(`pod-${pod}`, { container });
        world.kernel.removeNamespace(`/run/netns/${container}`);
      }
      return;
    }
    default:
      deed satisfies never;
  }
}

async function addAndNote(world: World, pod: number, container: string, answered: Map<number, Running>): Promise<void> {
  const answer = await world.add(`pod-${pod}`, { container });
  if (answer.exitCode === 0) answered.set(pod, { container, address: addressOf(answer) });
}

async function add(world: World, pod: number, running: Map<number, Running>, container: string): Promise<void> {
  if (running.has(pod)) return;
  const added = world.add(`pod-${pod}`, { container });
  await world.clock.advance(4_500);
  const answer = await added;
  if (answer.exitCode === 0) running.set(pod, { container, address: addressOf(answer) });
}

async function del(world: World, pod: number, running: Map<number, Running>): Promise<void> {
  const was = running.get(pod);
  expect((await world.del(`pod-${pod}`, was === undefined ? {} : { container: was.container })).exitCode).toBe(0);
  running.delete(pod);
  if (was !== undefined) world.kernel.removeNamespace(`/run/netns/${was.container}`);
}

function expectTrue(world: World, running: ReadonlyMap<number, Running>): void {
  const told = [...running.values()].map((each) => each.address);
  expect(new Set(told).size).toBe(told.length);
  const held = new Map(world.agent.node.ledger.reservations().map((each) => [each.key.containerId, `${formatIpv4(each.address)}/32`]));
  for (const { container, address } of running.values()) expect(held.get(container)).toBe(address);
  const routed = world.kernel.observedPods("eni").map((each) => `${formatIpv4(each.address!)}/32`);
  expect(new Set(routed).size).toBe(routed.length);
  for (const address of told) expect(routed).toContain(address);
  const owned = world.cloud.view
    .attachedEnis(world.instanceId)
    .flatMap((eni) => eni.secondaryAddresses.map((each) => `${formatIpv4(each)}/32`));
  for (const address of told) expect(owned).toContain(address);
}
