import { RESOURCES } from "@slash28/kube";
import { Fault, type KubeObject } from "@slash28/ports";
import { createManualClock, createMemoryKube, quietLog, settle, type MemoryKube } from "@slash28/testkit";
import { expect, test } from "vitest";
import { createPodAnnotations, POD_IPS, type PodAnnotations } from "../src/report/pod-annotations.ts";
import { addressOf, aWorld, type World } from "./a-world.ts";

const AWAY = new Fault("KUBE_UNREACHABLE", { detail: "it is away" });

interface Cluster {
  readonly world: World;
  readonly kube: MemoryKube;
  readonly annotations: PodAnnotations;
  makePod(name: string, annotations?: Readonly<Record<string, string>>): Promise<void>;
  said(name: string): Promise<string | undefined>;
}

async function aCluster(): Promise<Cluster> {
  const world = await aWorld();
  const kube = createMemoryKube({ clock: createManualClock() });
  const follow = (): PodAnnotations => {
    const { ledger } = world.agent.node;
    const made = createPodAnnotations({ kube, nodeName: "n", ledger, clock: world.clock, random: () => 0.5, log: quietLog });
    world.agent.sandboxes.onAddress = made.changed;
    return made;
  };
  return {
    world,
    kube,
    annotations: follow(),
    async makePod(name, annotations = {}) {
      const metadata = { name, namespace: "default", annotations };
      await kube.create(RESOURCES.pods, { apiVersion: "v1", kind: "Pod", metadata, spec: { nodeName: "n" } });
    },
    said: async (name) => (await kube.get<KubeObject>(RESOURCES.pods, name, "default"))?.metadata.annotations?.[POD_IPS],
  };
}

const plain = (answer: Parameters<typeof addressOf>[0]): string => addressOf(answer).replace("/32", "");

test("a pod is annotated with its address, and the annotation is emptied with its end", async () => {
  const { world, makePod, said } = await aCluster();
  await makePod("a", { mine: "stays" });
  const address = plain(await world.add("a"));
  await settle();
  expect(await said("a")).toBe(address);
  await world.del("a");
  await settle();
  expect(await said("a")).toBe("");
});

test("the end of an earlier sandbox takes nothing from the pod's new one, and what somebody else wrote stays", async () => {
  const { world, kube, makePod, said } = await aCluster();
  await makePod("a");
  await world.add("a");
  await world.add("a", { container: "a-2" });
  await world.del("a");
  await settle();
  const [held] = world.agent.node.ledger.reservations();
  expect(held?.key.containerId).toBe("a-2");
  expect(await said("a")).toBeDefined();
  expect(await said("a")).not.toBe("");
  await kube.patch(RESOURCES.pods, "a", "default", { kind: "merge", body: { metadata: { annotations: { [POD_IPS]: "203.0.113.1" } } } });
  await world.del("a", { container: "a-2" });
  await settle();
  expect(await said("a")).toBe("203.0.113.1");
});

test("no pod waits for the API server; what it missed it hears when it is back", async () => {
  const { world, kube, makePod, said } = await aCluster();
  await makePod("a");
  await makePod("b");
  kube.failWith(() => AWAY);
  const a = plain(await world.add("a"));
  await world.add("b");
  await world.del("b");
  await world.clock.advance(120_000);
  kube.failWith(undefined);
  await world.clock.advance(60_000);
  expect(await said("a")).toBe(a);
  expect((await said("b")) ?? "").toBe("");
});

test("a start makes up for what happened while no agent ran", async () => {
  const { world, annotations, makePod, said } = await aCluster();
  await makePod("late");
  await makePod("gone", { [POD_IPS]: "10.0.1.99" });
  await makePod("host-network");
  world.agent.sandboxes.onAddress = () => undefined;
  const late = plain(await world.add("late"));
  annotations.compareAll();
  await settle();
  expect(await said("late")).toBe(late);
  expect(await said("gone")).toBe("");
  expect(await said("host-network")).toBeUndefined();
});

test("an agent that may not patch pods says so once and leaves it", async () => {
  const { world, kube, makePod } = await aCluster();
  await makePod("a");
  await makePod("b");
  const forbidden = new Fault("KUBE_REFUSED", { verb: "patch", object: "pods", status: 403, reason: "Forbidden", detail: "no" });
  kube.failWith((verb) => (verb === "patch" ? forbidden : undefined));
  await world.add("a");
  await settle();
  await world.add("b");
  await world.clock.advance(120_000);
  expect(kube.calls.filter((call) => call.startsWith("patch"))).toHaveLength(1);
});
